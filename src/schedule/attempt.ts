import type { WebhookKind } from '../contract.js'
import type { Rows } from '../store/store.js'
import type { Answered } from './send.js'
import { RowGone } from '../workspace/no-such-row.js'
import type { DeliveryRow } from '../workspace/tables.js'

/** Finished deliveries that a workspace keeps for people; older ones make room. */
const finishedLimit = 1_000

/** One attempt as it is written down. */
export interface Attempt extends Answered {
  /** By the workspace's clock. */
  at: Date
  /** Somebody asked for this one; it takes nothing from what was reached before. */
  askedFor: boolean
}

/** Adds an attempt to its delivery, which is received, given up or tried again. @throws RowGone when nobody has the delivery any more */
export async function recordAttempt(rows: Rows, id: string, kind: WebhookKind | undefined, attempt: Attempt): Promise<DeliveryRow> {
  // Rows of this table are written by the sandbox alone.
  const row = (await rows.get('sandbox.deliveries', id)) as DeliveryRow | undefined
  if (!row) throw new RowGone()
  const { at, status, body, error } = attempt
  const written = { at: at.toISOString(), status, ...(body !== undefined && { body }), ...(error !== undefined && { error }) }
  // Only the last answer is kept whole.
  const attempts = [...row.attempts.map(({ body: _body, ...rest }) => rest), written]
  const next: DeliveryRow = { ...row, attempts, status: statusAfter(row, attempts.length, kind, attempt) }
  rows.put('sandbox.deliveries', id, next)
  return next
}

/** When a waiting delivery is attempted next, by the workspace's clock: at once, or so long after the attempt before. */
export function dueOf({ attempts }: DeliveryRow, kind: WebhookKind | undefined): number {
  const last = attempts.at(-1)
  if (!last) return Number.NEGATIVE_INFINITY
  return new Date(last.at).getTime() + (kind?.retryAfterMs[attempts.length - 1] ?? 0)
}

/** Removes the oldest finished deliveries when there are many more than are kept. `waiting` is how many are not finished. */
export async function forgetFinished(rows: Rows, waiting: number): Promise<void> {
  if ((await rows.count('sandbox.deliveries')) - waiting < finishedLimit + finishedSlack) return
  const all = await rows.list('sandbox.deliveries')
  const finished = all.filter(({ row }) => row['status'] !== 'waiting')
  for (const { key } of finished.slice(0, -finishedLimit)) await rows.delete('sandbox.deliveries', key)
}

/** How many more than the limit there may be, so that not every delivery looks for older ones. */
const finishedSlack = 100

function statusAfter(row: DeliveryRow, attempts: number, kind: WebhookKind | undefined, attempt: Attempt): DeliveryRow['status'] {
  if (isReceived(kind, attempt)) return 'delivered'
  if (attempt.askedFor && row.status !== 'waiting') return row.status
  if (attempt.hopeless || attempts > (kind?.retryAfterMs.length ?? 0)) return 'failed'
  return 'waiting'
}

function isReceived(kind: WebhookKind | undefined, { status, body, error }: Answered): boolean {
  if (status === null || error !== undefined) return false
  return kind ? kind.received({ status, body: body ?? '' }) : status >= 200 && status < 300
}
