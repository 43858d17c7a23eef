import { createHash } from 'node:crypto'
import type { Vendor } from '../../contract.js'
import { once } from '../../kernel/once.js'
import type { JsonObject } from '../../kernel/table.js'
import type { Keyring } from '../../receipts/keyring.js'
import type { KeyedRow } from '../../store/store.js'
import type { RequestMatch } from '../../traffic/matching/match.js'
import { readEntryId, type Entry } from '../../traffic/traffic.js'
import type { SnapshotDocument } from '../snapshot-document.js'
import { checkSnapshot, restoreDocument, snapshotOf, type SnapshotContext } from '../snapshots.js'
import type { OpenWorkspace, Workspaces } from '../workspaces.js'
import { checksumOf, entryFromFile, entryInFile, readSession, sessionFormat, type SessionDocument } from './document.js'
import { redactEntry, redactions, redactValue, type Redaction } from './redact.js'
import { plainName, secretMembers, secretNames, SecretValues, withKeys } from './secrets.js'

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
  const document: Unsigned = {
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
  const plain = JSON.parse(JSON.stringify(document)) as typeof document
  const whole = options.keepSecrets ? plain : withoutSecrets(plain, context, kept)
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

/** A document without its checksum. */
type Unsigned = Omit<SessionDocument, 'checksum'>

function withoutSecrets(document: Unsigned, { vendors }: SessionContext, kept: readonly Entry[]): Unsigned {
  // As snapshotOf wrote it.
  const { rows, sandbox } = document.snapshot as Pick<SnapshotDocument, 'rows' | 'sandbox'>
  const secrets = new SecretValues()
  const namesOfRow = ({ vendor, rule }: JsonObject) =>
    secretNames(vendors, (vendor as string | undefined) ?? (rule as { match: RequestMatch } | undefined)?.match.vendor)
  const namesOfEntry = ({ vendor, route }: Pick<Entry, 'vendor' | 'route'>) => secretNames(vendors, route === null ? null : vendor)
  for (const vendor of vendors) for (const [table, list] of Object.entries(rows[vendor.id] ?? {})) secrets.addRows(vendor, table, list)
  for (const entry of kept) secrets.addEntry(namesOfEntry(entry), entry)
  for (const row of Object.values(sandbox).flat()) secrets.addMessage(namesOfRow(row), row)
  const redaction = redactions(secrets)
  const redactedRows = Object.entries(rows).map(([id, tables]): [string, typeof tables] => {
    const vendor = vendors.find((one) => one.id === id)
    const names = (table: string) => [...secretNames(vendor ? [vendor] : []), ...secretMembers(vendor?.secrets, table).map(plainName)]
    return [id, mapTables(tables, (table) => redaction(new Set(names(table))))]
  })
  const { snapshot, traffic, ...rest } = document
  return {
    ...(redactValue(rest, redaction(secretNames(vendors))) as typeof rest),
    snapshot: {
      ...snapshot,
      rows: Object.fromEntries(redactedRows),
      sandbox: mapTables(sandbox, (_table, row) => redaction(namesOfRow(row))),
    },
    traffic: { ...traffic, entries: traffic.entries.map((entry) => redactEntry(entry, redaction(namesOfEntry(entry)))) },
  }
}

function mapTables(
  tables: Readonly<Record<string, JsonObject[]>>,
  redactionOf: (table: string, row: JsonObject) => Redaction,
): Record<string, JsonObject[]> {
  return Object.fromEntries(
    Object.entries(tables).map(([table, list]) => [table, list.map((row) => redactValue(row, redactionOf(table, row)) as JsonObject)]),
  )
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
