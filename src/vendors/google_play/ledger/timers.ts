import type { Scope, Timer } from '../../../contract.js'
import { act } from '../../../marketplace/actions.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { addPeriod } from '../../../marketplace/period.js'
import { periodsSince } from '../../../marketplace/subscription-periods.js'
import type { Tx } from '../calls/api-call.js'
import { addOrders, isRefunded, kindOf, ordersOf, periodOf, renewalFor } from './orders.js'
import { notify, type SubscriptionType } from '../notifications/notices.js'
import { finalEnd, graceEnd, holdEnd, isRenewing, nextMoment } from './subscription-state.js'
import type { App, Order, tables } from '../tables.js'

type Scoped = Scope<typeof tables>

/** A purchase with its orders and its app. */
interface Followed {
  token: string
  row: StorePurchase | undefined
  orders: readonly Order[]
  app: App | undefined
}

/** Sets the timer for the next event of a subscription by the clock, or cancels the timers of a purchase that has none. */
export async function setTimers({ transaction, now }: Tx, { token, row, orders, app }: Followed): Promise<void> {
  const order = orders.at(-1)
  const next = row && order && kindOf(row, orders) === 'subscription' ? nextMoment({ row, order, app }, now) : undefined
  if (next) transaction.schedule({ id: `period:${token}`, kind: 'period', at: next.getTime(), data: { token } })
  else await transaction.cancel(`period:${token}`)
  if (!row) await transaction.cancel(`acknowledge:${token}`)
}

/** Starts the time within which a purchase has to be acknowledged, unless it is acknowledged or nothing is known of its app. */
export function startAcknowledgement(
  { transaction, now }: Tx,
  { row, order, app }: { row: StorePurchase; order: Order; app: App | undefined },
): void {
  if (!app || app.acknowledgeWithin === false || row.acknowledgedAt !== undefined || row.refundedAt !== undefined) return
  // Purchases of licence testers are refunded after minutes.
  const within = app.acknowledgeWithin ?? (row.testPurchase ? 'PT5M' : 'P3D')
  const after = addPeriod(new Date(order.at), within)
  const at = after > now ? after : addPeriod(now, within)
  transaction.schedule({ id: `acknowledge:${row.token}`, kind: 'acknowledge', at: at.getTime(), data: { token: row.token } })
}

/** Handles the end of a period, of grace or of account hold, and the end of a pause. Returns what happened. */
export async function endPeriod(scope: Scoped, timer: Timer): Promise<string | undefined> {
  return scope.transact(async (db, transaction) => {
    const tx: Tx = { db, transaction, now: scope.now, ids: scope.ids }
    const { now } = tx
    const token = String(timer.data['token'])
    const row = await transaction.marketplace.purchase('google_play', token)
    const orders = await ordersOf(tx, token)
    const order = orders.at(-1)
    if (!row || !order) return undefined
    const app = await appOf(tx, row, order)
    const name = row.productId ?? token
    const tell = (type: SubscriptionType) => notify(tx, app, { about: 'subscription', type, token, productId: row.productId })
    const facts = { row, order, app }
    const wait = async () => {
      await setTimers(tx, { token, row, orders, app })
      return undefined
    }
    let happened: string | undefined
    if (!isRenewing(row)) {
      if (new Date(finalEnd(facts)) <= now) {
        tell(13)
        happened = `${name} expired`
      }
    } else if (row.heldSince !== undefined) {
      if (new Date(holdEnd(facts)) > now) return wait()
      await endHold(tx, row)
      return `${name} expired at the end of its account hold`
    } else if (row.gracePeriod) {
      if (new Date(graceEnd(facts)) > now) return wait()
      const held = act(row, 'hold', { now, store: 'google_play', token })
      await transaction.marketplace.change('google_play', token, held, { action: 'hold', body: {} })
      return `${name} is on hold, its grace period is over`
    } else {
      const renewals = periodsSince(periodOf(order), renewalFor(row, app), now)
      const added = await addOrders(tx, row, renewals, orders)
      for (const { at } of added) tell(at === periodOf(order).endsAt || row.pausedUntil === undefined ? 2 : 1)
      const isPaused = added.length === 0 && row.pausedUntil !== undefined
      if (isPaused) tell(10)
      await setTimers(tx, { token, row, orders: [...orders, ...added], app })
      return isPaused ? `${name} paused` : added.length > 0 ? `${name} renewed` : undefined
    }
    await setTimers(tx, { token, row, orders, app })
    return happened
  })
}

/** A payment that never succeeded: the store cancels the subscription. The change notifies about the cancellation and the end. */
async function endHold({ transaction, now }: Tx, row: StorePurchase): Promise<void> {
  const { heldSince: _held, ...rest } = row
  const canceled = { ...rest, autoRenewing: false, canceledAt: now.toISOString(), cancelReason: 'marketplace' as const }
  await transaction.marketplace.change('google_play', row.token, canceled, { action: 'cancel', body: { reason: 'marketplace' } })
}

/** Refunds a purchase that was not acknowledged in time, as Google does. Returns what happened. */
export async function refundUnacknowledged(scope: Scoped, timer: Timer): Promise<string | undefined> {
  return scope.transact(async (_db, transaction) => {
    const token = String(timer.data['token'])
    const row = await transaction.marketplace.purchase('google_play', token)
    if (!row || row.acknowledgedAt !== undefined || row.pending || isRefunded(row, row.type ?? 'product')) return undefined
    const refunded = act(row, 'revoke', { now: scope.now, store: 'google_play', token })
    const unacknowledged = { ...refunded, refundSource: 2, refundReason: 8 }
    await transaction.marketplace.change('google_play', token, unacknowledged, { action: 'revoke', body: { reason: 8 } })
    return `${row.productId ?? token} refunded, as it was not acknowledged in time`
  })
}

/** Returns the app of a purchase: the one that its row names, else the one of its order. */
export async function appOf({ db }: Pick<Tx, 'db'>, row: StorePurchase, order: Order | undefined): Promise<App | undefined> {
  const packageName = row.app ?? order?.packageName
  return packageName === undefined ? undefined : db.apps.get(packageName)
}
