import { createHash } from 'node:crypto'
import type { Vendor } from '../../contract.js'
import { once } from '../../kernel/once.js'
import type { JsonObject } from '../../kernel/table.js'
import type { Keyring } from '../../receipts/keyring.js'
import type { KeyedRow } from '../../store/store.js'
import { readEntryId, type Entry } from '../../traffic/traffic.js'
import type { SnapshotDocument } from '../snapshot-document.js'
import { checkSnapshot, restoreDocument, snapshotOf, type SnapshotContext } from '../snapshots.js'
import type { OpenWorkspace, Workspaces } from '../workspaces.js'
import { checksumOf, entryFromFile, entryInFile, readSession, sessionFormat, type SessionDocument } from './document.js'
import { mapStrings, SecretValues, withKeys } from './secrets.js'

/** The parts of a sandbox that saving and opening a session take. */
export interface SessionContext extends SnapshotContext {
  version: string
  vendors: readonly Vendor[]
  workspaces: Workspaces
  seed: { rows: ReadonlyMap<string, readonly KeyedRow[]> }
  keys: Keyring
}

/** Options for saving a session. */
export interface SessionOptions {
  /** The client report as the control API shows it. */
  report: unknown[]
  /** Changes that control calls made. */
  notes: SessionDocument['notes']
  keepSecrets: boolean
}

/** Returns what a workspace shows now as one document that another sandbox can open. */
export async function saveSession(context: SessionContext, open: OpenWorkspace, options: SessionOptions): Promise<SessionDocument> {
  const { space, traffic } = open
  const kept = traffic.kept()
  const snapshot = await snapshotOf(context, space, space.name)
  const document: Omit<SessionDocument, 'checksum'> = {
    format: 'coinslot-session',
    formatVersion: sessionFormat,
    coinslot: context.version,
    workspace: space.name,
    savedAt: snapshot.at,
    vendors: context.vendors.map(({ id }) => id),
    seed: digestOf(context.seed.rows),
    redacted: !options.keepSecrets,
    snapshot: { ...snapshot },
    traffic: { dropped: traffic.dropped, counts: [...traffic.counters.all()], entries: kept.map(entryInFile) },
    notes: options.notes,
    report: options.report,
  }
  // As the file will have it: without undefined members.
  const whole = JSON.parse(
    JSON.stringify(options.keepSecrets ? document : withoutSecrets(document, snapshot, { context, kept })),
  ) as typeof document
  return { ...whole, checksum: checksumOf(whole) }
}

/**
 * Opens a session as a workspace, which is made or replaced. Its clock stands at the time of saving, so that nothing falls due that was
 * waiting there. Returns the largest entry number in it; later requests must have larger ones.
 *
 * @throws InvalidInput if the session is newer, damaged or does not fit; then nothing was changed
 */
export async function openSession(
  context: SessionContext,
  name: string,
  value: unknown,
): Promise<{ isNew: boolean; session: SessionDocument; last: number }> {
  const session = readSession(value)
  const { document, rows } = checkSnapshot(context, withPrivateKeys(context, session.snapshot))
  const isNew = (await context.workspaces.find(name)) === undefined
  const { space, traffic } = await context.workspaces.open(name)
  try {
    await restoreDocument(context, space.name, { ok: true, document: { ...document, clock: { now: session.savedAt, frozen: true } }, rows })
  } catch (error) {
    if (isNew) await context.workspaces.drop(name)
    throw error
  }
  const entries = session.traffic.entries.map((entry) => entryFromFile(entry, name))
  await traffic.load(entries, session.traffic)
  traffic.dropped += session.traffic.dropped
  return { isNew, session, last: Math.max(0, ...entries.map(numberOf)) }
}

function numberOf({ id }: Entry): number {
  return readEntryId(id)?.number ?? 0
}

function withoutSecrets(
  document: Omit<SessionDocument, 'checksum'>,
  { rows }: SnapshotDocument,
  { context, kept }: { context: SessionContext; kept: readonly Entry[] },
): unknown {
  const secrets = new SecretValues()
  const tables = context.vendors.flatMap((vendor) =>
    Object.entries(rows[vendor.id] ?? {}).map(([table, list]) => ({ vendor, table, list })),
  )
  for (const { vendor, table, list } of tables) secrets.addRows(vendor, table, list)
  for (const entry of kept) secrets.addEntry(context.vendors.find(({ id }) => id === entry.vendor) ?? { id: '' }, entry)
  const redactedRows: Record<string, Record<string, JsonObject[]>> = { ...rows }
  for (const { vendor, table, list } of tables)
    redactedRows[vendor.id] = { ...redactedRows[vendor.id], [table]: list.map((row) => secrets.row(vendor, table, row)) }
  return mapStrings({ ...document, snapshot: { ...document.snapshot, rows: redactedRows } }, secrets.replacer())
}

/** Puts the foreign development key, which fits nothing, in the place of redacted private keys. */
function withPrivateKeys({ vendors, keys }: SessionContext, snapshot: SessionDocument['snapshot']): unknown {
  const pem = once(() => keys.development.foreign.export({ type: 'pkcs8', format: 'pem' }).toString())
  // readSession knows the snapshot as an object only; checkSnapshot refuses what is not of this form.
  const rows = { ...(snapshot['rows'] as SnapshotDocument['rows'] | undefined) }
  for (const vendor of vendors.filter(({ secrets }) => secrets?.privateKeys)) {
    const tables = Object.entries(rows[vendor.id] ?? {})
    rows[vendor.id] = Object.fromEntries(tables.map(([table, list]) => [table, list.map((row) => withKeys(vendor, table, row, pem()))]))
  }
  return { ...snapshot, rows }
}

function digestOf(rows: ReadonlyMap<string, readonly KeyedRow[]>): string {
  return createHash('sha256')
    .update(JSON.stringify([...rows]))
    .digest('hex')
}
