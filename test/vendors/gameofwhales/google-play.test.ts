import { expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'
import { googlePlayPayload, unityContainer } from '../../../src/receipts/unity.js'
import { call, envelope, googlePlayContainer, googlePlayPurchase, receiptBody, seed, verdictOf } from './calls.js'

test('a purchase signed with the licence key is legal, counted, and answered under the version asked for', async () => {
  const sandbox = await aSandbox()
  const answer = await call(sandbox, 'receipt', receiptBody(googlePlayContainer(), 'GPA.1'), { 'Accept-Version': '2.0.0' })
  expect(answer.status).toBe(200)
  expect(answer.version).toBe('2.0.0')
  expect(answer.body.receipts).toEqual([{ transaction: 'GPA.1', verifyState: 'legal' }])
  expect(answer.body.properties).toEqual({ user: 'ann', group: expect.stringMatching(/^[a-z]$/), revenue: 1.99 })
  expect(answer.body.serverTime).toEqual(expect.any(Number))
  expect(answer.body).not.toHaveProperty('experiment')
})

test.each(['signature', 'data', 'key'] as const)('a purchase whose %s was tampered with is illegal', async (tamper) => {
  const sandbox = await aSandbox()
  expect(await verdictOf(sandbox, googlePlayContainer({ tamper }), 'GPA.1')).toBe('illegal')
})

test('an illegal purchase is answered 200, not counted, and marks the user as a cheater', async () => {
  const sandbox = await aSandbox()
  const { status, body } = await call(sandbox, 'receipt', receiptBody(googlePlayContainer({ tamper: 'key' }), 'GPA.1'))
  expect(status).toBe(200)
  expect(body.properties?.revenue).toBe(0)
  expect(await sandbox.rows('gameofwhales', 'users')).toContainEqual(expect.objectContaining({ user: 'ann', cheater: true }))
  expect(await sandbox.rows('gameofwhales', 'purchases')).toMatchObject([{ transactionId: 'GPA.1', verifyState: 'illegal', price: 199 }])
})

test('a purchase of another package is illegal', async () => {
  const sandbox = await aSandbox()
  expect(await verdictOf(sandbox, googlePlayContainer({ packageName: 'com.other' }), 'GPA.1')).toBe('illegal')
})

test('any package will do where the game has no bundle id', async () => {
  const sandbox = await aSandbox()
  const [row] = await sandbox.rows('gameofwhales', 'games')
  await seed(sandbox, { games: [{ game: 'bare', androidLicenseKey: row?.['androidLicenseKey'] }] })
  expect(await verdictOf(sandbox, googlePlayContainer({ packageName: 'com.other' }), 'GPA.1', { game: 'bare' })).toBe('legal')
})

test('without a licence key nothing can be determined', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { games: [{ game: 'open' }] })
  expect(await verdictOf(sandbox, googlePlayContainer(), 'GPA.1', { game: 'open' })).toBe('undefined')
})

const { purchaseData, signature } = googlePlayPurchase()

test.each([
  ['no signature', { json: purchaseData }],
  ['an empty signature', { json: purchaseData, signature: '' }],
  ['a signature that is no Base64', { json: purchaseData, signature: '***' }],
  ['a signature of another length', { json: purchaseData, signature: 'AAAA' }],
  ['no purchase', { signature }],
  ['a purchase that is no text', { json: { orderId: 'GPA.1' }, signature }],
])('a payload with %s is illegal', async (_name, payload) => {
  const sandbox = await aSandbox()
  expect(await verdictOf(sandbox, unityContainer('GooglePlay', 'GPA.1', JSON.stringify(payload)), 'GPA.1')).toBe('illegal')
})

test.each([
  ['Unity of 2021', { skuDetails: '{"productId":"gems.10"}', isPurchaseHistorySupported: true }],
  ['Unity 4.x', { skuDetails: ['{"productId":"gems.10"}'] }],
])('what %s adds to the payload does not matter', async (_name, more) => {
  const sandbox = await aSandbox()
  const payload = JSON.stringify({ ...more, signature, json: purchaseData })
  expect(await verdictOf(sandbox, JSON.stringify({ Payload: payload, Store: 'GooglePlay', TransactionID: 'token' }), 'GPA.1')).toBe('legal')
})

test('the container of the Android SDK, merged with the purchase and holding the token as its id, is legal', async () => {
  const sandbox = await aSandbox()
  const merged = { ...(JSON.parse(purchaseData) as object), Store: 'GooglePlay', TransactionID: 'a.token' }
  const receipt = JSON.stringify({ ...merged, Payload: googlePlayPayload(purchaseData, signature) })
  expect(await verdictOf(sandbox, receipt, 'GPA.1')).toBe('legal')
})

test('escaped slashes in the container change nothing', async () => {
  const sandbox = await aSandbox()
  expect(await verdictOf(sandbox, googlePlayContainer().replaceAll('/', '\\/'), 'GPA.1')).toBe('legal')
})

test('a container without a store belongs to the store of the player', async () => {
  const sandbox = await aSandbox()
  const receipt = JSON.stringify({ Payload: googlePlayPayload(purchaseData, signature) })
  const samsung = { common: { ...envelope().common, store: 'SamsungApps' } }
  expect(await verdictOf(sandbox, receipt, 'GPA.1')).toBe('legal')
  expect(await verdictOf(sandbox, receipt, 'GPA.2', samsung)).toBe('illegal')
})

test('Google Play is judged without its store: an unreachable one changes nothing', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, {}, { upstreams: { google_play: { reachable: false } } })
  expect(await verdictOf(sandbox, googlePlayContainer(), 'GPA.1')).toBe('legal')
})
