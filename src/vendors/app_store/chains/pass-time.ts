import { periodsSince, renewalOf } from '../../../marketplace/subscription-periods.js'
import { notify, type Notice } from '../notifications/notify.js'
import type { StoredTransaction } from '../tables.js'
import { latestOf, type Chain } from './chain.js'
import type { TransactionScope } from './scope.js'
import { endOf, graceEndOf, isFailing, isRenewing, isRevoked, retryEndOf } from './state.js'
import { keepChanged, newTransaction } from './transactions.js'

/**
 * Brings a purchase up to the present time: periods that ended are renewed, or a failed payment goes from grace to retry to expiry. Each step
 * has a notification unless `isQuiet`, and the timer of the next one is set.
 */
export async function passTime(tx: TransactionScope, chain: Chain, { isQuiet = false } = {}): Promise<Chain> {
  let next = chain
  for (let step = stepOf(next, tx.now); step; step = stepOf(next, tx.now)) {
    const { chain: after, notice } = await take(tx, next, step)
    next = after
    if (notice && !isQuiet) await notify(tx, next, notice)
  }
  await scheduleNext(tx, next)
  return next
}

/** A step of time: a renewal, or a change of the latest transaction with its notice, if there is one. */
type Step = { kind: 'renew' } | { kind: 'told'; notice?: Notice; transaction: StoredTransaction }

/** Returns the step that is due, undefined if none is. */
function stepOf(chain: Chain, now: Date): Step | undefined {
  const due = dueOf(chain)
  if (due === undefined || due > now.getTime()) return undefined
  const latest = latestOf(chain)
  const at = now.toISOString()
  if (!isFailing(chain.row)) {
    if (isRenewing(chain)) return { kind: 'renew' }
    // The customer has lost a refunded purchase before, so its end has no notification.
    if (isRevoked(chain)) return { kind: 'told', transaction: { ...latest, expiredAt: at } }
    return expiry(latest, at, { subtype: 'VOLUNTARY', intent: 1 })
  }
  const grace = graceEndOf(chain)
  if (grace !== undefined && latest.graceExpiredAt === undefined && grace <= now.getTime()) {
    return { kind: 'told', notice: { type: 'GRACE_PERIOD_EXPIRED' }, transaction: { ...latest, graceExpiredAt: at } }
  }
  return expiry(latest, at, { subtype: 'BILLING_RETRY', intent: 2 })
}

/** Returns the time of the next step, undefined if nothing happens any more without an action. */
function dueOf(chain: Chain): number | undefined {
  const latest = latestOf(chain)
  if (latest.expiresDate === undefined || latest.expiredAt !== undefined) return undefined
  if (!isFailing(chain.row)) {
    if (isRenewing(chain) && (chain.app.renewals === 'manual' || isAtEndOfCalendar(chain))) return undefined
    return endOf(chain)
  }
  const grace = graceEndOf(chain)
  return grace !== undefined && latest.graceExpiredAt === undefined ? Math.max(grace, endOf(chain)) : retryEndOf(chain)
}

/** True if the period cannot be renewed because the calendar of ISO 8601 ends. */
function isAtEndOfCalendar({ row, transactions }: Chain): boolean {
  const { purchaseDate, expiresDate } = transactions.at(-1)!
  return periodsSince({ startsAt: purchaseDate, endsAt: expiresDate! }, renewalOf(row), new Date(expiresDate!)).length === 0
}

function expiry(latest: StoredTransaction, at: string, { subtype, intent }: { subtype: string; intent: number }): Step {
  const transaction = { ...latest, expiredAt: at, expirationIntent: latest.expirationIntent ?? intent }
  return { kind: 'told', notice: { type: 'EXPIRED', subtype }, transaction }
}

async function take(tx: TransactionScope, chain: Chain, step: Step): Promise<{ chain: Chain; notice: Notice | undefined }> {
  if (step.kind === 'told') {
    tx.db.transactions.put(step.transaction)
    return { chain: { ...chain, transactions: [...chain.transactions.slice(0, -1), step.transaction] }, notice: step.notice }
  }
  const { purchaseDate, expiresDate, number } = latestOf(chain)
  const current = { startsAt: purchaseDate, endsAt: expiresDate! }
  const [period] = periodsSince(current, renewalOf(chain.row), new Date(expiresDate!))
  const made = await newTransaction(tx, chain, {
    number: number + 1,
    reason: 'RENEWAL',
    purchaseDate: period!.startsAt,
    expiresDate: period!.endsAt,
  })
  const renewal = await keepChanged(tx, made)
  return { chain: { ...chain, transactions: [...chain.transactions, renewal] }, notice: { type: 'DID_RENEW' } }
}

async function scheduleNext({ transaction, now }: TransactionScope, chain: Chain): Promise<void> {
  const id = timerId(chain.row.token)
  const due = dueOf(chain)
  if (due === undefined) return transaction.cancel(id)
  transaction.schedule({ id, kind: 'period', at: Math.max(due, now.getTime()), data: { token: chain.row.token } })
}

/** Id of the timer of a purchase. */
export function timerId(token: string): string {
  return `period:${token}`
}
