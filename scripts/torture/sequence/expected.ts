import { isWithoutOrderId, type ClaimedState, type ControlCall, type FaultEffect, type VendorCall, type VendorId } from './steps.js'

/** Expected state of one workspace. */
export interface Expected {
  teak: { players: string[]; purchases: { platformId: string | null; userId: string | null; amount: number; happenedAt: number | null }[] }
  kakao: { orderId: string; price: string }[]
  gameofwhales: {
    /** Revenue in hundredths of a cent, because prices in cents may have a fraction. */
    revenue: Record<string, number>
    cheaters: string[]
    purchases: { user: string; transactionId: string; verifyState: string }[]
  }
  ouya: { balance: number; purchases: { uuid: string; identifier: string; fromWallet: number }[] }
  mbaasy: { orders: ExpectedOrder[]; forged: string[] }
  /** State of each token at the simulated Google Play. */
  store: Record<number, { isPending?: boolean; canceledBy?: 'user' | 'publisher' }>
  isStoreReachable: boolean
  faults: ExpectedFault[]
  /** Time of the frozen clock; null if the clock runs. */
  clock: number | null
}

type Environment = 'production' | 'sandbox'

/** An uploaded purchase order of Mbaasy. */
export interface ExpectedOrder {
  token: number
  /** Null until a response named it. */
  id: string | null
  /** Null until an upload names it. */
  orderId: string | null
  claim: ClaimedState
  user: string
  isQueued: boolean
  /** Undefined until the order has an in-app purchase. */
  purchase: { environment: Environment; canceledBy: string | null; user: string } | undefined
}

export interface ExpectedFault {
  vendor: VendorId
  position: 'before' | 'after'
  effect: FaultEffect
  times: number
  hits: number
}

/** Expected response to a call. */
export interface ExpectedReply {
  status: number
  outcome?: string
  /** Expected members of the body. */
  body?: object
  /** Order whose id the body contains. */
  order?: ExpectedOrder
}

/** Returns the state of a workspace with the default seed. */
export function seeded(): Expected {
  return {
    teak: { players: ['player-1', 'player-2'], purchases: [] },
    kakao: [],
    gameofwhales: { revenue: {}, cheaters: [], purchases: [] },
    ouya: { balance: 0, purchases: [] },
    mbaasy: { orders: [], forged: [] },
    store: {},
    isStoreReachable: true,
    faults: [],
    clock: null,
  }
}

/** Ids that belong to the numbers of the steps. */
export const idOf = {
  teak: (id: number) => `order-${id}`,
  kakao: (order: number) => `kakao-${order}`,
  transaction: (transaction: number) => `t-${transaction}`,
  uuid: (uuid: number) => `u-${uuid}`,
  token: (token: number) => `token-${token}`,
}

/** Returns the order id in the purchase data of an upload. */
export function orderIdOf({ token, hasOrderId }: { token: number; hasOrderId: boolean }): string | null {
  return hasOrderId && !isWithoutOrderId(token) ? `GPA.${token}` : null
}

/** Applies a call that reaches the vendor. Returns the expected response. */
export function apply(held: Expected, call: VendorCall): ExpectedReply {
  switch (call.vendor) {
    case 'teak':
      return teak(held, call)
    case 'kakao':
      if (!call.hasSecret) return { status: 401, outcome: 'unauthenticated' }
      held.kakao.push({ orderId: idOf.kakao(call.order), price: call.price })
      return { status: 200, outcome: 'recorded' }
    case 'gameofwhales':
      return gameOfWhales(held, call)
    case 'ouya':
      return ouya(held, call)
    case 'mbaasy':
      return mbaasy(held, call)
  }
}

function teak({ teak: { players, purchases }, clock }: Expected, call: VendorCall & { vendor: 'teak' }): ExpectedReply {
  const { user } = call
  const isKnown = players.includes(user)
  switch (call.call) {
    case 'identify':
      if (!isKnown) players.push(user)
      return { status: 201 }
    case 'remove':
      if (!isKnown) return { status: 200, outcome: 'user-not-found', body: { status: 'user_not_found', user_id: user } }
      players.splice(players.indexOf(user), 1)
      // Teak keeps the purchases without the player.
      for (const purchase of purchases) if (purchase.userId === user) purchase.userId = null
      return { status: 200, outcome: 'removed', body: { status: 'ok', user_id: user } }
    case 'purchase': {
      if (!call.hasSecret) return { status: 403, outcome: 'wrong-secret' }
      if (!isKnown) return { status: 404, outcome: 'unknown-player' }
      const platformId = call.id === null ? null : idOf.teak(call.id)
      if (platformId !== null && purchases.some((each) => each.platformId === platformId)) {
        return { status: 200, outcome: 'repeated', body: { code: 200 } }
      }
      purchases.push({ platformId, userId: user, amount: call.amount, happenedAt: clock })
      return { status: 200, outcome: 'recorded', body: { code: 200 } }
    }
  }
}

function gameOfWhales({ gameofwhales }: Expected, call: VendorCall & { vendor: 'gameofwhales' }): ExpectedReply {
  const { user } = call
  const transactionId = call.transaction === null ? '' : idOf.transaction(call.transaction)
  const judged = call.call === 'purchase' ? 'bypass' : call.receipt
  const isRepeat = gameofwhales.purchases.some((each) => each.transactionId === transactionId)
  const verifyState = isRepeat && (judged === 'legal' || judged === 'undefined') ? 'double' : judged
  gameofwhales.purchases.push({ user, transactionId, verifyState })
  gameofwhales.revenue[user] ??= 0
  if (verifyState !== 'illegal' && verifyState !== 'double') gameofwhales.revenue[user] += call.hundredthsOfCents
  if (verifyState === 'illegal' && !gameofwhales.cheaters.includes(user)) gameofwhales.cheaters.push(user)
  // The reply rounds to cents, half a cent upwards.
  const properties = { user, revenue: Math.floor((gameofwhales.revenue[user] + 50) / 100) / 100 }
  const receipts = transactionId === '' ? {} : { receipts: [{ transaction: transactionId, verifyState }] }
  return { status: 200, outcome: verifyState, body: { ...receipts, properties } }
}

/** Price in cents and type of the products of the default seed. */
const products: Readonly<Record<string, { price: number; isKept: boolean }>> = {
  awesome_sauce: { price: 99, isKept: false },
  long_sword: { price: 499, isKept: true },
  sharp_axe: { price: 199, isKept: true },
  __DECLINED__THIS_PURCHASE: { price: 99, isKept: false },
}

function ouya({ ouya: wallet }: Expected, call: VendorCall & { vendor: 'ouya' }): ExpectedReply {
  const refused = (status: number, code: number) => ({ status, body: { error: { code } } })
  if (!call.hasToken) return refused(401, 1000)
  const product = products[call.identifier]
  const uuid = idOf.uuid(call.uuid)
  if (!product) return refused(400, 2003)
  if (wallet.purchases.some((each) => each.uuid === uuid)) return refused(400, 2015)
  if (product.isKept && wallet.purchases.some((each) => each.identifier === call.identifier)) return refused(400, 2023)
  if (call.identifier.startsWith('__DECLINED__')) return refused(400, 2004)
  // The wallet pays first, the card pays the rest.
  const fromWallet = Math.min(wallet.balance, product.price)
  wallet.balance -= fromWallet
  wallet.purchases.push({ uuid, identifier: call.identifier, fromWallet })
  return { status: 200, outcome: 'recorded' }
}

function mbaasy(held: Expected, call: VendorCall & { vendor: 'mbaasy' }): ExpectedReply {
  if (!call.hasToken) return { status: 401 }
  const { orders, forged } = held.mbaasy
  const { token, state, user } = call
  if (call.isForged) {
    const key = `${token} ${state} ${orderIdOf(call)}`
    if (!forged.includes(key)) forged.push(key)
    return { status: 402, outcome: 'invalid-signature', body: { is_fraud: true, fraud_reason: 'invalid_signature', in_app_purchase: null } }
  }
  let order = orders.find((each) => each.token === token)
  if (!order) {
    order = { token, id: null, orderId: null, claim: state, user, isQueued: false, purchase: undefined }
    orders.push(order)
  }
  // A pending order takes every new state, any other order only its end.
  if (order.claim === 'pending' || state === 'cancelled' || state === 'refunded') order.claim = state
  order.user = user
  order.orderId ??= orderIdOf(call)
  const common = {
    is_legacy: false,
    is_fraud: false,
    environment: environmentOf(order),
    order_id: order.orderId,
    purchase_token: idOf.token(token),
    user_identifier: user,
  }
  if (!held.isStoreReachable) {
    order.isQueued = true
    return { status: 206, outcome: 'queued', body: { ...common, in_app_purchase: null }, order }
  }
  settle(held, order)
  const { purchase } = order
  const shown = purchase ? { environment: purchase.environment, canceled_by: purchase.canceledBy, user_identifier: user } : null
  return { status: 200, body: { ...common, in_app_purchase: shown }, order }
}

/** Returns production as soon as an order id is known. */
export function environmentOf({ orderId }: ExpectedOrder): Environment {
  return orderId === null ? 'sandbox' : 'production'
}

/** Applies the state of the store to an order. */
function settle({ store }: Expected, order: ExpectedOrder): void {
  order.isQueued = false
  const known = store[order.token]
  if (!order.purchase && (known?.isPending ?? order.claim === 'pending')) return
  const isEnded = order.claim === 'cancelled' || order.claim === 'refunded'
  order.purchase = { environment: environmentOf(order), canceledBy: known?.canceledBy ?? (isEnded ? 'unknown' : null), user: order.user }
}

/** Applies a call of the control API to a workspace; the caller applies snapshots and restarts. */
export function control(held: Expected, call: ControlCall): void {
  switch (call.control) {
    case 'wallet':
      held.ouya.balance = call.balance
      return
    case 'store': {
      const known = (held.store[call.token] ??= {})
      if (call.action === 'complete') known.isPending = false
      if (call.action === 'cancel') known.canceledBy ??= 'user'
      if (call.action === 'refund') known.canceledBy = 'publisher'
      const order = held.mbaasy.orders.find(({ token }) => token === call.token)
      if (order && held.isStoreReachable) settle(held, order)
      else if (order) order.isQueued = true
      return
    }
    case 'upstream':
      held.isStoreReachable = call.reachable
      if (call.reachable) for (const order of held.mbaasy.orders) if (order.isQueued) settle(held, order)
      return
    case 'fault':
      held.faults.push({ vendor: call.vendor, position: call.position, effect: call.effect, times: call.times, hits: 0 })
      return
    case 'clear faults':
      held.faults = []
      return
    case 'clock':
      held.clock = clockOf(call.at)
      return
    case 'advance':
      if (held.clock !== null) held.clock += call.seconds * 1_000
      return
    case 'real time':
      held.clock = null
      return
    case 'snapshot':
    case 'restore':
    case 'reset':
    case 'drop':
    case 'restart':
      return
  }
}

/** Returns the time that a `clock` step sets. */
export function clockOf(seconds: number): number {
  return Date.UTC(2030, 0, 1) + seconds * 1_000
}
