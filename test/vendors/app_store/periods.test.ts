import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { aStore, bundleId, start, type TestStore } from './store.js'

const token = '1000000102184163'

/** A walk of the clock, and what the store does meanwhile. */
const steps = fc.array(
  fc.oneof(
    fc.constantFrom('P1D', 'P20D', 'P1M', 'P45D', 'PT1H').map((duration) => ({ duration })),
    fc.constantFrom('renew', 'cancel', 'restart', 'grace', 'hold', 'recover', 'refund', 'expire').map((action) => ({ action })),
  ),
  { maxLength: 8 },
)

async function endsOf(store: TestStore) {
  const transactions = await store.rows('app_store', 'transactions')
  const [purchase] = await store.rows('mbaasy', 'inAppPurchases')
  const latest = transactions.reduce((a, b) => (Number(a['number']) > Number(b['number']) ? a : b))
  return {
    appStore: [latest['purchaseDate'], latest['expiresDate']],
    mbaasy: [purchase!['currentPeriodStartAt'], purchase!['currentPeriodEndAt']],
  }
}

test('over any walk of the clock the App Store and Mbaasy agree on the current period to the millisecond', async () => {
  const store = await aStore()
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom('P1M', 'P7D', 'P1Y'), async (walk, period) => {
      await store.control('POST', 'reset', {})
      await store.control('PUT', 'clock', { now: start, frozen: true })
      const { receipt } = (await store.control('POST', 'receipts/app_store', {
        bundleId,
        productId: 'club',
        period,
        transactionId: token,
      })) as {
        receipt: string
      }
      await store.ask('/mbaasy/client/itunes_connect/receipts', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' },
        body: JSON.stringify({ receipt }),
      })
      for (const step of walk) {
        if ('duration' in step) await store.advance(step.duration)
        // The store may refuse it in the state that the walk has reached.
        else await store.ask(`/_sandbox/upstreams/app_store/purchases/${token}/${step.action}`, { method: 'POST' })
        const { appStore, mbaasy } = await endsOf(store)
        expect(appStore, JSON.stringify(step)).toEqual(mbaasy)
      }
    }),
    { numRuns: 20 },
  )
})
