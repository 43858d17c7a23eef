import { environmentOf, idOf, type Expected } from './expected.js'
import type { Subject } from './subject.js'

/** State of a workspace in the form in which it is compared. */
export type Held = Record<string, unknown>

type Row = Record<string, unknown>

/** Reads the state of a workspace. */
export async function heldBy(subject: Subject, workspace: string): Promise<Held> {
  const get = async (path: string) => {
    const reply = await subject.ask(`/@${workspace}/_sandbox/${path}`, {})
    if (reply.status !== 200) throw new Error(`GET ${path}: ${reply.status} ${await reply.text()}`)
    return (await reply.json()) as Row
  }
  const rows = async (table: string) => ((await get(`tables/${table}?limit=1000`))['rows'] as { row: Row }[]).map(({ row }) => row)
  const clock = await get('clock')
  const orders = await rows('mbaasy/purchaseOrders')
  const purchases = new Map((await rows('mbaasy/inAppPurchases')).map((row) => [row['id'], row]))
  const [gamer] = await rows('ouya/gamers')
  const users = (await rows('gameofwhales/users')).filter(({ game, user }) => game === 'sandbox-game' && String(user).length === 3)
  return {
    'teak.players': (await rows('teak/players')).map((row) => row['userId']),
    'teak.purchases': (await rows('teak/purchases')).map(({ platformId, userId, amount, happenedAt }) => ({
      platformId: String(platformId).startsWith('order-') ? platformId : null,
      userId,
      amount,
      happenedAt: Date.parse(String(happenedAt)) >= earliestClock ? Date.parse(String(happenedAt)) : null,
    })),
    'kakao.purchaseLogs': (await rows('kakao/purchaseLogs')).map(({ body, price }) => ({ orderId: (body as Row)['marketOrderId'], price })),
    'gameofwhales.purchases': (await rows('gameofwhales/purchases')).map(({ user, transactionId, verifyState }) => ({
      user,
      transactionId,
      verifyState,
    })),
    'gameofwhales.users': byName(users.map(({ user, revenue, cheater = false }) => ({ user, revenue, cheater }))),
    'ouya.purchases': (await rows('ouya/purchases')).map(({ uuid, identifier, fromWallet }) => ({ uuid, identifier, fromWallet })),
    'ouya.balance': gamer?.['balance'],
    'mbaasy.purchaseOrders': orders
      .filter((row) => row['fraudReason'] !== 'invalid_signature')
      .map((row) => {
        const purchase = purchases.get(row['inAppPurchaseId'])
        return {
          token: row['purchaseToken'],
          id: row['id'],
          environment: row['environment'],
          orderId: row['orderId'],
          user: row['userIdentifier'],
          isFraud: row['isFraud'],
          purchase: purchase && {
            environment: purchase['environment'],
            canceledBy: purchase['canceledBy'] ?? null,
            user: purchase['userIdentifier'],
          },
        }
      }),
    'mbaasy.inAppPurchases': purchases.size,
    'mbaasy.forged': orders.filter((row) => row['fraudReason'] === 'invalid_signature').length,
    upstream: await get('upstreams/google_play'),
    faults: ((await get('faults'))['faults'] as Row[]).map(({ match, position, effect, hits }) => ({
      vendor: (match as Row)['vendor'],
      position,
      effect: (effect as Row)['kind'],
      hits,
    })),
    clock: clock['frozen'] ? Date.parse(String(clock['now'])) : null,
  }
}

/** Returns the expected state. An order whose response was lost takes its id from the state that was found. */
export function expectedHeld(expected: Expected, found: Held): Held {
  const { teak, kakao, gameofwhales, ouya, mbaasy, faults, clock, isStoreReachable } = expected
  const users = Object.entries(gameofwhales.revenue).map(([user, hundredthsOfCents]) => ({
    user,
    revenue: hundredthsOfCents / 10_000,
    cheater: gameofwhales.cheaters.includes(user),
  }))
  const foundOrders = found['mbaasy.purchaseOrders'] as { token: string; id: string }[]
  for (const order of mbaasy.orders) order.id ??= foundOrders.find(({ token }) => token === idOf.token(order.token))?.id ?? null
  return {
    'teak.players': teak.players,
    'teak.purchases': teak.purchases,
    'kakao.purchaseLogs': kakao,
    'gameofwhales.purchases': gameofwhales.purchases,
    'gameofwhales.users': byName(users),
    'ouya.purchases': ouya.purchases,
    'ouya.balance': ouya.balance,
    'mbaasy.purchaseOrders': mbaasy.orders.map((order) => ({
      token: idOf.token(order.token),
      id: order.id,
      environment: environmentOf(order),
      orderId: order.orderId,
      user: order.user,
      isFraud: false,
      purchase: order.purchase,
    })),
    'mbaasy.inAppPurchases': mbaasy.orders.filter(({ purchase }) => purchase).length,
    'mbaasy.forged': mbaasy.forged.length,
    upstream: { reachable: isStoreReachable },
    faults: faults.map(({ vendor, position, effect, hits }) => ({ vendor, position, effect, hits })),
    clock,
  }
}

/** Times that steps set are later than the real time. */
const earliestClock = Date.UTC(2030, 0, 1)

function byName<T extends { user: unknown }>(users: T[]): T[] {
  return users.toSorted((a, b) => String(a.user).localeCompare(String(b.user)))
}
