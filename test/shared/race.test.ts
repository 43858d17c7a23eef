import { expect, test } from 'vitest'
import { post, type TestSandbox } from '../support/sandbox.js'
import { oneRedis, outcomes, purchase, replicas } from './kit.js'

const redis = oneRedis()

/** Asks each replica in turn, many at once. */
async function race(
  all: readonly TestSandbox[],
  count: number,
  ask: (replica: TestSandbox, at: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const work = async () => {
    for (let at = next++; at < count; at = next++) await ask(all[at % all.length]!, at)
  }
  await Promise.all(Array.from({ length: 96 }, work))
}

test('of 10,000 purchases at once over three replicas each id is recorded once', { timeout: 120_000 }, async () => {
  const all = await replicas(redis(), 3, { trafficLimit: 100 })
  const ids = 3_000
  const statuses = new Map<number, number>()
  await race(all, 10_000, async (replica, at) => {
    // Neighbours in time ask for the same id, so that they meet.
    const { status } = await replica.ask('/teak/v2/purchase', purchase(`o-${Math.floor(at / 4) % ids}`))
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  })

  expect([...statuses]).toEqual([[200, 10_000]])
  const distinct = Math.min(ids, 2_500)
  for (const replica of all) expect(await outcomes(replica)).toEqual({ recorded: distinct, repeated: 10_000 - distinct })
  expect(await all[0]!.control('GET', 'tables/teak/purchases?limit=1')).toMatchObject({ total: distinct })
})

test('what several rows hold together stays together: revenue is that of the purchases that count', { timeout: 60_000 }, async () => {
  const game = 'race'
  const seedDocument = { gameofwhales: { games: [{ game }], verdicts: [{ game, match: 'product/gems', verifyState: 'legal' }] } }
  const all = await replicas(redis(), 3, { seedDocument })
  const common = { country: 'DE', locale: 'de_DE', platform: 'android', store: 'GooglePlay', version: '1.4.2' }
  const states = new Map<string, number>()
  await race(all, 900, async (replica, at) => {
    const event = { currency: 'EUR', price: 100, product: 'gems', transactionId: `T-${Math.floor(at / 3)}`, receipt: 'any', verify: true }
    const reply = await replica.ask('/gameofwhales/purchase', post({ game, user: `u-${at % 5}`, common, event }))
    const { receipts } = (await reply.json()) as { receipts: [{ verifyState: string }] }
    states.set(receipts[0].verifyState, (states.get(receipts[0].verifyState) ?? 0) + 1)
  })

  expect(Object.fromEntries(states)).toEqual({ legal: 300, double: 600 })
  const users = await all[1]!.rows('gameofwhales', 'users')
  expect(users.reduce((sum, user) => sum + Number(user['revenue']), 0)).toBe(300)
  const purchases = await all[2]!.rows('gameofwhales', 'purchases')
  for (const { user, revenue } of users) {
    const counted = purchases.filter((row) => row['user'] === user && row['verifyState'] === 'legal')
    expect(revenue).toBe(counted.length)
  }
})
