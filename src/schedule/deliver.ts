import type { Vendor, WebhookKind } from '../contract.js'
import { realTime } from '../kernel/clock.js'
import { performance } from '../kernel/timers.js'
import type { Keyring } from '../receipts/keyring.js'
import type { Rows } from '../store/store.js'
import { NoSuchRow, type Workspace } from '../workspace/workspace.js'
import type { DeliveryRow } from '../workspace/tables.js'
import { sendDelivery, type Answer, type SendOptions } from './send.js'

/** Options for one attempt of a delivery. */
export interface DeliveryParts extends SendOptions {
  vendors: ReadonlyMap<string, Vendor>
  keys: Keyring
  space: Workspace
  /** Number of deliveries of this workspace that wait; the others are finished. */
  waiting: () => number
  /** True if a user asked for this attempt: it is then made whatever the status of the delivery. */
  isRequested: boolean
}

/**
 * Attempts a delivery once and stores the result. Returns the row after it, or undefined if the delivery is gone, finished or was
 * aborted.
 *
 * @throws StorageFull or StoreUnavailable if the result could not be stored
 */
export async function deliver(id: string, parts: DeliveryParts): Promise<DeliveryRow | undefined> {
  const { space, vendors, isRequested, signal } = parts
  const { value } = await space.transact((rows) => rows.get('sandbox.deliveries', id))
  // Rows of this table are written by the sandbox alone.
  const row = value as DeliveryRow | undefined
  if (!row || signal.aborted || (row.status !== 'waiting' && !isRequested)) return undefined
  const at = space.now(await space.setting())
  const kind = vendors.get(row.vendor)?.webhooks?.[row.kind]
  const headers = await kind?.attemptHeaders?.(row, { at, realAt: new Date(realTime()), keys: parts.keys })
  const started = performance.now()
  const answer = await sendDelivery(headers ? { ...row, headers: { ...row.headers, ...headers } } : row, parts)
  const durationMs = Math.round(performance.now() - started)
  if (signal.aborted) return undefined
  try {
    const recorded = await space.transact(async (rows) => {
      const next = await recordAttempt(rows, id, kind, { ...answer, at, durationMs, isRequested, headers })
      if (next.status !== 'waiting') await deleteOldFinished(rows, parts.waiting())
      return next
    })
    return recorded.value
  } catch (error) {
    if (error instanceof NoSuchRow) return undefined
    throw error
  }
}

/** Time of the next attempt of a waiting delivery by the workspace's clock: at once, or a pause after the previous attempt. */
export function dueOf(row: DeliveryRow, kind: WebhookKind | undefined): number {
  const { attempts } = row
  const last = attempts.at(-1)
  if (!last) return Number.NEGATIVE_INFINITY
  return new Date(last.at).getTime() + (pausesOf(row, kind)[attempts.length - 1] ?? 0)
}

/** Milliseconds before each further attempt of a delivery. */
function pausesOf(row: DeliveryRow, kind: WebhookKind | undefined): readonly number[] {
  const pauses = kind?.retryAfterMs ?? []
  return typeof pauses === 'function' ? pauses(row) : pauses
}

/** An attempt with its answer. */
interface Attempt extends Answer {
  /** By the workspace's clock. */
  at: Date
  /** Real milliseconds. */
  durationMs: number
  /** A user asked for it; a failure then leaves the status as it was. */
  isRequested: boolean
  /** Headers made for this attempt. */
  headers: Readonly<Record<string, string>> | undefined
}

/** Adds an attempt to its delivery and sets the status that follows. @throws NoSuchRow if the delivery was deleted meanwhile */
async function recordAttempt(rows: Rows, id: string, kind: WebhookKind | undefined, attempt: Attempt): Promise<DeliveryRow> {
  // Rows of this table are written by the sandbox alone.
  const row = (await rows.get('sandbox.deliveries', id)) as DeliveryRow | undefined
  if (!row) throw new NoSuchRow()
  const { at, status, body, error, headers, durationMs } = attempt
  const written = {
    at: at.toISOString(),
    status,
    durationMs,
    ...(body !== undefined && { body }),
    ...(error !== undefined && { error }),
    ...(headers && { headers: { ...headers } }),
  }
  // Bodies of earlier answers are cut and headers of earlier attempts are dropped, because each may be large.
  const attempts = [...row.attempts.map(cutBody), written]
  const next: DeliveryRow = { ...row, attempts, status: statusAfter(row, attempts.length, kind, attempt) }
  rows.put('sandbox.deliveries', id, next)
  return next
}

function cutBody({ body, headers: _headers, ...rest }: DeliveryRow['attempts'][number]): DeliveryRow['attempts'][number] {
  return body === undefined ? rest : { ...rest, body: body.slice(0, keptCharacters) }
}

/** Characters that are kept of the answer to an earlier attempt. */
const keptCharacters = 500

/** Finished deliveries that a workspace keeps. */
const finishedLimit = 1_000

/** Excess over the limit at which old deliveries are deleted, so that the list is not read for every delivery. */
const finishedSlack = 100

async function deleteOldFinished(rows: Rows, waiting: number): Promise<void> {
  if ((await rows.count('sandbox.deliveries')) - waiting < finishedLimit + finishedSlack) return
  const all = await rows.list('sandbox.deliveries')
  const finished = all.filter(({ row }) => row['status'] !== 'waiting')
  for (const { key } of finished.slice(0, -finishedLimit)) await rows.delete('sandbox.deliveries', key)
}

function statusAfter(row: DeliveryRow, attempts: number, kind: WebhookKind | undefined, attempt: Attempt): DeliveryRow['status'] {
  if (isReceived(kind, attempt)) return 'delivered'
  if (attempt.isRequested && row.status !== 'waiting') return row.status
  if (attempt.isFinal || attempts > pausesOf(row, kind).length) return 'failed'
  return 'waiting'
}

function isReceived(kind: WebhookKind | undefined, { status, body, error }: Answer): boolean {
  if (status === null || error !== undefined) return false
  return kind ? kind.received({ status, body: body ?? '' }) : status >= 200 && status < 300
}
