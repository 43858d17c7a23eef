import { expect, test } from 'vitest'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'
import { googlePlayPayload } from '../../../src/receipts/unity.js'
import {
  appStoreReceipt,
  call,
  envelope,
  explanations,
  googlePlayContainer,
  googlePlayPurchase,
  samsungContainer,
  seed,
  verdictOf,
} from './calls.js'

const sale = { product: 'gems.10', currency: 'EUR', price: 199 }

async function purchaseVerdict(sandbox: TestSandbox, event: object) {
  const { status, body } = await call(sandbox, 'purchase', envelope({ ...sale, verify: true, transactionId: 'T-1', ...event }))
  return status === 200 ? body.receipts?.[0]?.verifyState : `${status} ${JSON.stringify(body)}`
}

test('without verify a purchase is counted unseen, and has receipts only with a transaction id', async () => {
  const sandbox = await aSandbox()
  const bare = await call(sandbox, 'purchase', envelope(sale))
  expect(bare.status).toBe(200)
  expect(bare.body).not.toHaveProperty('receipts')
  expect(bare.body.properties?.revenue).toBe(1.99)
  const named = await call(sandbox, 'purchase', envelope({ ...sale, transactionId: 'T-1' }))
  expect(named.body.receipts).toEqual([{ transaction: 'T-1', verifyState: 'bypass' }])
})

test('the empty receipt and transaction id of a shipped client are taken', async () => {
  const sandbox = await aSandbox()
  const { status, body } = await call(sandbox, 'purchase', envelope({ ...sale, verify: false, receipt: '', transactionId: '' }))
  expect(status).toBe(200)
  expect(body).not.toHaveProperty('receipts')
})

test('an unverified purchase repeated raises the figures each time, and makes a later verified one double', async () => {
  const sandbox = await aSandbox()
  await call(sandbox, 'purchase', envelope({ ...sale, transactionId: 'T-1' }))
  const second = await call(sandbox, 'purchase', envelope({ ...sale, transactionId: 'T-1' }))
  expect(second.body.receipts).toEqual([{ transaction: 'T-1', verifyState: 'bypass' }])
  expect(second.body.properties?.revenue).toBe(3.98)
  expect(await verdictOf(sandbox, googlePlayContainer(), 'T-1')).toBe('double')
})

test('with verify a container is verified as by receipt', async () => {
  const sandbox = await aSandbox()
  expect(await purchaseVerdict(sandbox, { receipt: googlePlayContainer() })).toBe('legal')
  expect(await purchaseVerdict(sandbox, { receipt: googlePlayContainer() })).toBe('double')
  expect(await purchaseVerdict(sandbox, { receipt: googlePlayContainer({ tamper: 'key' }) })).toBe('illegal')
})

const { purchaseData, signature } = googlePlayPurchase()
const googlePayload = googlePlayPayload(purchaseData, signature)

test('with verify the payload may come alone, as the SDKs send it; the event’s store says whose it is', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, {}, { marketplace: { purchases: [{ store: 'samsung', token: 'sam-1', paymentId: 'T-3' }] } })
  expect(await purchaseVerdict(sandbox, { receipt: googlePayload })).toBe('legal')
  expect(await purchaseVerdict(sandbox, { receipt: appStoreReceipt(), store: 'AppleAppStore', transactionId: 'app-1' })).toBe('legal')
  expect(await purchaseVerdict(sandbox, { receipt: '{"purchaseId":"sam-1"}', store: 'SamsungApps', transactionId: 'T-3' })).toBe('legal')
  expect(await purchaseVerdict(sandbox, { receipt: googlePayload, store: 'SamsungApps', transactionId: 'T-4' })).toBe('illegal')
  expect(await purchaseVerdict(sandbox, { receipt: googlePayload, store: 'VK', transactionId: 'T-5' })).toBe('undefined')
})

test.each([
  ['GooglePlay', 'garbage', 'undefined'],
  ['GooglePlay', '', 'undefined'],
  ['GooglePlay', '{}', 'illegal'],
  ['AppleAppStore', 'garbage', 'illegal'],
  ['AppleAppStore', '', 'undefined'],
  ['SamsungApps', '{"purchaseId":""}', 'illegal'],
  ['SamsungApps', '{"Store":"GooglePlay"}', 'illegal'],
])('a receipt from %s that is %j is %s', async (store, receipt, state) => {
  const sandbox = await aSandbox()
  expect(await purchaseVerdict(sandbox, { receipt, store })).toBe(state)
})

test('an unreadable receipt of a store that is never verified is explained as such', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  expect(await purchaseVerdict(sandbox, { receipt: 'garbage', store: 'Kongregate' })).toBe('undefined')
  expect(told.at(-1)?.sentence).toContain('purchases from Kongregate are not verified')
})

test('a purchase is kept with the time the game gives, else with that of the clock', async () => {
  const sandbox = await aSandbox()
  await sandbox.control('PUT', 'clock', { now: '2026-01-01T00:00:00.000Z', frozen: true })
  await call(sandbox, 'purchase', envelope({ ...sale, at: 1545381287159 }))
  await call(sandbox, 'purchase', envelope(sale))
  const rows = await sandbox.rows('gameofwhales', 'purchases')
  expect(rows.map(({ at }) => at)).toEqual([1545381287159, Date.UTC(2026, 0)])
})

test('a container’s store wins over the event’s', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, {}, { marketplace: { purchases: [{ store: 'samsung', token: 'sam-1', paymentId: 'T-1' }] } })
  expect(await purchaseVerdict(sandbox, { receipt: samsungContainer('sam-1', 'T-1'), store: 'GooglePlay' })).toBe('legal')
})

test('a verdict forced for the event’s product applies where verification is asked for', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { verdicts: [{ game: 'sandbox-game', match: 'product/gems.10', verifyState: 'undefined' }] })
  expect(await purchaseVerdict(sandbox, { receipt: googlePlayContainer() })).toBe('undefined')
  expect(await purchaseVerdict(sandbox, { verify: false, transactionId: 'T-2' })).toBe('bypass')
})

test.each([
  ['product', { product: undefined }, 'required'],
  ['product', { product: '' }, 'minLength'],
  ['currency', { currency: undefined }, 'required'],
  ['price', { price: 0.001 }, 'minimum'],
  ['store', { store: 'AmazonApps' }, 'enum'],
  ['verify', { verify: 'true' }, 'type'],
  ['receipt', { verify: true, transactionId: 'T-1' }, 'required'],
  ['receipt', { receipt: 7 }, 'type'],
  ['transactionId', { verify: true, receipt: '' }, 'required'],
  ['transactionId', { verify: true, receipt: '', transactionId: '' }, 'minLength'],
])('a wrong %s is refused: %j', async (field, event, keyword) => {
  const sandbox = await aSandbox()
  const { status, body } = await call(sandbox, 'purchase', envelope({ ...sale, ...event }))
  expect(status).toBe(400)
  expect(body.problems).toEqual([{ dataPath: `.event.${field}`, keyword, message: expect.any(String) }])
  expect(await sandbox.rows('gameofwhales', 'purchases')).toEqual([])
})
