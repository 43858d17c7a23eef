import { expect, test } from 'vitest'
import { aSandbox } from '../support/sandbox.js'

const start = '2026-01-31T00:00:00.000Z'

test.each([
  ['app_store', 'transactions', 'transactionId'],
  ['samsung', 'payments', 'purchaseId'],
])('an action on the id of a renewal of %s changes the purchase that was renewed', async (store, table, idName) => {
  const sandbox = await aSandbox()
  await sandbox.control('PUT', 'clock', { now: start, frozen: true })
  const sold = { app: 'com.example.game', productId: 'club', type: 'subscription', period: 'P1M' }
  await sandbox.control('POST', `upstreams/${store}/purchases/2000000000000001/purchase`, sold)
  await sandbox.control('POST', 'clock/advance', { duration: 'P2M' })
  const ids = (await sandbox.rows(store, table)).map((row) => String(row[idName]))
  const renewal = ids.find((id) => id !== '2000000000000001')

  const row = await sandbox.control('POST', `upstreams/${store}/purchases/${renewal}/cancel`)

  expect(ids).toHaveLength(3)
  expect(row).toMatchObject({ store, token: '2000000000000001', autoRenewing: false, cancelReason: 'user' })
  expect(await sandbox.rows('marketplace', 'purchases')).toHaveLength(1)
})
