import { keyFrom } from '../../../kernel/table.js'
import { isSubscription, type StorePurchase } from '../../../marketplace/marketplace.js'
import {
  firstPeriods,
  isBoughtAgain,
  periodsAfterChange,
  periodsOf,
  renewalOf,
  startAgain,
  usualPeriod,
  type Renewal,
  type RowChange,
  type SubscriptionPeriod,
} from '../../../marketplace/subscription-periods.js'
import type { Tx } from '../calls/api-call.js'
import type { App, Order } from '../tables.js'

/** Kind of a purchase. */
export type Kind = 'product' | 'subscription'

/** Returns the kind of a purchase, by its row, else by its orders, else as it was asked about. */
export function kindOf(row: StorePurchase, orders: readonly Order[], asked: Kind = 'product'): Kind {
  if (row.type !== undefined) return row.type
  if (isSubscription(row)) return 'subscription'
  const [first] = orders
  if (first) return first.periodEndsAt === undefined ? 'product' : 'subscription'
  return asked
}

/** Returns the renewal of a purchase under the settings of its app. */
export function renewalFor(row: StorePurchase | undefined, app: App | undefined): Renewal {
  const renewal = renewalOf(row)
  return app?.renewals === 'manual' ? { ...renewal, renews: false } : renewal
}

/** Returns the orders of a purchase, the latest last. */
export async function ordersOf({ db }: Pick<Tx, 'db'>, token: string): Promise<Order[]> {
  const orders = await db.orders.where('byToken', token)
  return orders.toSorted((a, b) => a.at.localeCompare(b.at) || a.number - b.number)
}

/** Options for opening the ledger of a purchase. */
interface Opening {
  app: App | undefined
  /** Kind that the purchase is asked about as. */
  asked?: Kind | undefined
}

/** Returns the orders of a purchase. Writes them if there are none and it is paid: the purchase and its renewals until now. */
export async function openLedger(tx: Tx, row: StorePurchase, { app, asked }: Opening): Promise<Order[]> {
  const known = await ordersOf(tx, row.token)
  if (known.length > 0 || row.pending) return known
  const purchasedAt = isoOf(row.purchasedAt ?? tx.now.toISOString())
  if (kindOf(row, [], asked) === 'product') return addOrders(tx, row, [{ startsAt: purchasedAt }])
  const first = { startsAt: purchasedAt, length: usualPeriod }
  const periods = app?.renewals === 'manual' ? firstPeriods(first, row) : periodsOf(row, purchasedAt, tx.now)
  return addOrders(tx, row, periods)
}

/** Applies a change of the row to the orders of a purchase, and returns them. */
export async function changeLedger(
  tx: Tx,
  orders: readonly Order[],
  change: RowChange & { after: StorePurchase; app: App | undefined },
): Promise<Order[]> {
  const { before, after, app } = change
  const current = orders.at(-1)!
  const soldAgain = before !== undefined && isBoughtAgain(periodOf(current), before, after)
  if (kindOf(after, orders) === 'product') {
    const added = soldAgain ? await addOrders(tx, after, [{ startsAt: startAgain(periodOf(current), after) }]) : []
    return [...orders, ...added]
  }
  const [moved, ...fresh] = periodsAfterChange(periodOf(current), change, renewalFor(after, app))
  const kept: Order = { ...current, at: moved!.startsAt, periodEndsAt: moved!.endsAt }
  if (kept.at !== current.at || kept.periodEndsAt !== current.periodEndsAt) tx.db.orders.put(kept)
  const added = await addOrders(tx, after, fresh, soldAgain ? [] : [...orders.slice(0, -1), kept])
  return [...orders.slice(0, -1), kept, ...added]
}

/** Writes an order for each period, numbered after the orders that belong to the same purchase. */
export async function addOrders(
  tx: Tx,
  row: StorePurchase,
  periods: readonly { startsAt: string; endsAt?: string }[],
  earlier: readonly Order[] = [],
): Promise<Order[]> {
  const added: Order[] = []
  const start = earlier.findLastIndex(({ number }) => number === 0)
  let base = earlier[start]?.orderId
  let number = (earlier.at(-1)?.number ?? -1) + 1
  for (const { startsAt, endsAt } of periods) {
    base ??= await freeOrderId(tx, row)
    const isFree = row.trial === true && number === 0
    const order: Order = {
      orderId: number === 0 ? base : `${base}..${number - 1}`,
      token: row.token,
      ...(row.app !== undefined && { packageName: row.app }),
      number,
      ...(row.productId !== undefined && { productId: row.productId }),
      at: startsAt,
      ...(endsAt !== undefined && { periodEndsAt: endsAt }),
      micros: isFree ? 0 : (row.priceMicros ?? usualMicros) * (row.quantity ?? 1),
      currency: row.currencyCode ?? 'USD',
      state: 'PROCESSED',
    }
    tx.db.orders.put(order)
    added.push(order)
    number += 1
  }
  return added
}

/** Price in micros where the row has none. */
export const usualMicros = 990_000

/** Returns the period that an order paid for. */
export function periodOf({ at, periodEndsAt }: Pick<Order, 'at' | 'periodEndsAt'>): SubscriptionPeriod {
  return { startsAt: at, endsAt: periodEndsAt ?? at }
}

/** True if a purchase was paid back as a whole. Rows from before `refundedAt` say so of products by the publisher's cancellation. */
export function isRefunded(row: StorePurchase, kind: Kind): boolean {
  return row.refundedAt !== undefined || (kind === 'product' && row.cancelReason === 'publisher' && row.canceledAt !== undefined)
}

/** A refund of an order. */
export interface Refund {
  at: string
  /** 0 the user, 1 the developer, 2 Google. */
  source: number
  reason: number
  kind: Kind
  packageName: string
  /** Refunded pieces, if more were sold. */
  quantity?: number | undefined
  /** Refunded share of the price in percent. */
  share?: number | undefined
  /** The purchase was taken away as well. */
  revoked: boolean
}

/** Notes a refund of an order, and its entry in the list of voided purchases. */
export async function recordRefund({ db }: Pick<Tx, 'db'>, order: Order, refund: Refund): Promise<Order> {
  const { at, source, reason, kind, packageName, quantity, share, revoked } = refund
  const pieces = quantity === undefined ? undefined : (order.refundedQuantity ?? 0) + quantity
  const isPart = quantity !== undefined && !revoked
  const micros = share === undefined ? order.micros : Math.round((order.micros * share) / 100)
  const refunded: Order = {
    ...order,
    state: isPart ? 'PARTIALLY_REFUNDED' : 'REFUNDED',
    refundedAt: at,
    refundReason: reason,
    ...(share !== undefined && { refundedMicros: micros }),
    ...(revoked && { revoked }),
    ...(pieces !== undefined && { refundedQuantity: pieces }),
  }
  db.orders.put(refunded)
  const sameMoment = isPart ? await db.voided.get(order.orderId, at) : undefined
  db.voided.put({
    orderId: order.orderId,
    voidedAt: at,
    token: order.token,
    packageName,
    purchasedAt: order.at,
    source,
    reason,
    ...(isPart && { quantity: quantity + (sameMoment?.quantity ?? 0) }),
    type: kind === 'subscription' ? 1 : 2,
  })
  return refunded
}

/** Key of a purchase in the index of voided purchases. */
export function voidedKey(packageName: string, token: string): string {
  return keyFrom([packageName, token])
}

/** Returns the order id of the row, unless another purchase has it, else a new one. */
async function freeOrderId({ db, ids }: Tx, row: StorePurchase): Promise<string> {
  if (row.orderId !== undefined && !(await db.orders.get(row.orderId))) return row.orderId
  const digits = ids.digits(17)
  return `GPA.${digits.slice(0, 4)}-${digits.slice(4, 8)}-${digits.slice(8, 12)}-${digits.slice(12)}`
}

function isoOf(time: string): string {
  return new Date(time).toISOString()
}
