import { expect, test } from 'vitest'
import { appStoreDevelopment } from '../../../src/receipts/app-store/development.js'
import { aSandbox } from '../../support/sandbox.js'
import { appStoreContainer, bundle, call, envelope, receiptBody, samsungContainer, seed, verdictOf } from './calls.js'

test('an App Store receipt of the development root that holds the transaction is legal', async () => {
  const sandbox = await aSandbox()
  expect(await verdictOf(sandbox, appStoreContainer(), 'app-1')).toBe('legal')
  expect(await verdictOf(sandbox, appStoreContainer({ transactionId: 'app-2', environment: 'ProductionSandbox' }), 'app-2')).toBe('legal')
})

test.each([
  ['with a changed signature', { tamper: 'signature' }, 'app-1'],
  ['with changed data', { tamper: 'data' }, 'app-1'],
  ['signed by another key', { tamper: 'key' }, 'app-1'],
  ['of another app', { bundleId: 'com.other' }, 'app-1'],
  ['that holds other transactions', {}, 'app-7'],
  ['signed by Xcode alone', { environment: 'Xcode' }, 'app-1'],
  ['of the old transaction style', { style: 'transaction' }, 'app-1'],
])('an App Store receipt %s is illegal', async (_name, changes, transactionId) => {
  const sandbox = await aSandbox()
  expect(await verdictOf(sandbox, appStoreContainer(changes), transactionId)).toBe('illegal')
})

test('an App Store payload that is no receipt is illegal', async () => {
  const sandbox = await aSandbox()
  for (const payload of ['MIIT3Q', '***', 'e30=']) {
    expect(await verdictOf(sandbox, JSON.stringify({ Store: 'AppleAppStore', Payload: payload }), 'app-1')).toBe('illegal')
  }
})

test('without an iOS bundle id nothing can be determined', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { games: [{ game: 'open' }] })
  expect(await verdictOf(sandbox, appStoreContainer(), 'app-1', { game: 'open' })).toBe('undefined')
})

test('the built-in trust is enough: a game needs no roots of its own', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { games: [{ game: 'rootless', iosBundleId: bundle }] })
  expect(await verdictOf(sandbox, appStoreContainer(), 'app-1', { game: 'rootless' })).toBe('legal')
})

test.each([
  ['first', ['trusting', 'other']],
  ['last', ['other', 'trusting']],
])('the roots of a game judge its own receipts alone, also when it is asked %s', async (_, games) => {
  const sandbox = await aSandbox()
  const [root] = appStoreDevelopment().foreign.unified.issuers
  await seed(sandbox, {
    games: [
      { game: 'trusting', iosBundleId: bundle, appStoreRoots: [root] },
      { game: 'other', iosBundleId: bundle, appStoreRoots: [appStoreDevelopment().root] },
    ],
  })
  const states: Record<string, unknown> = {}
  for (const game of games) states[game] = await verdictOf(sandbox, appStoreContainer({ tamper: 'key' }), 'app-1', { game })
  expect(states).toEqual({ trusting: 'legal', other: 'illegal' })
})

test('the same App Store receipt with another of its transactions is no repeat', async () => {
  const sandbox = await aSandbox()
  const receipt = appStoreContainer({ items: [{ productId: 'gems.20', transactionId: 'app-2' }] })
  expect(await verdictOf(sandbox, receipt, 'app-1')).toBe('legal')
  expect(await verdictOf(sandbox, receipt, 'app-2')).toBe('legal')
})

const bought = { marketplace: { purchases: [{ store: 'samsung', token: 'sam-1', paymentId: 'TP-1', productId: 'gems.10' }] } }

test('a Samsung purchase that the store knows under this payment id is legal', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, {}, bought)
  expect(await verdictOf(sandbox, samsungContainer('sam-1', 'TP-1'), 'TP-1')).toBe('legal')
})

test('a Samsung purchase that the store does not know, or under another payment id, is illegal', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, {}, bought)
  expect(await verdictOf(sandbox, samsungContainer('sam-2', 'TP-1'), 'TP-1')).toBe('illegal')
  expect(await verdictOf(sandbox, samsungContainer('sam-1', 'TP-1'), 'TP-2')).toBe('illegal')
})

test.each([{ game: 'off', samsung: 'off' }, { game: 'off' }])('Samsung is not asked with %j', async (settings) => {
  const sandbox = await aSandbox()
  await seed(sandbox, { games: [settings] }, bought)
  expect(await verdictOf(sandbox, samsungContainer('sam-1', 'TP-1'), 'TP-1', { game: 'off' })).toBe('undefined')
})

test.each(['AmazonApps', 'AmazonStore', 'MacAppStore', 'WinRT', 'UDP', 'MoolahAppStore', 'XiaomiMiPay', 'fake', 'constructor'])(
  'purchases from %s are not verified, and count',
  async (store) => {
    const sandbox = await aSandbox()
    const receipt = JSON.stringify({ Store: store, TransactionID: 't', Payload: '{"receiptId":"r"}' })
    const { status, body } = await call(sandbox, 'receipt', receiptBody(receipt, 't-1'))
    expect(status).toBe(200)
    expect(body.receipts).toEqual([{ transaction: 't-1', verifyState: 'undefined' }])
    expect(body.properties?.revenue).toBe(1.99)
  },
)

test.each(['', 'no json', '[]', 'null', '42', '"text"', '{', `${'['.repeat(400)}${']'.repeat(400)}`])(
  'a receipt that is no JSON object determines nothing: %s',
  async (receipt) => {
    const sandbox = await aSandbox()
    expect(await verdictOf(sandbox, receipt, 't-1')).toBe('undefined')
  },
)

test.each(['GooglePlay', 'AppleAppStore', 'SamsungApps'])('a container of %s without a usable payload is illegal', async (store) => {
  const sandbox = await aSandbox()
  for (const Payload of [undefined, null, '', 7, {}, []]) {
    expect(await verdictOf(sandbox, JSON.stringify({ Store: store, Payload }), 't-1')).toBe('illegal')
  }
})

test('the bare payload is no container for receipt', async () => {
  const sandbox = await aSandbox()
  expect(await verdictOf(sandbox, '{"json":"{}","signature":""}', 't-1')).toBe('illegal')
  const other = { common: { ...envelope().common, store: 'Other' } }
  expect(await verdictOf(sandbox, '{"json":"{}","signature":""}', 't-2', other)).toBe('undefined')
})

test('while a store cannot be reached nothing can be determined', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, {}, { ...bought, upstreams: { app_store: { reachable: false }, samsung: { reachable: false } } })
  expect(await verdictOf(sandbox, appStoreContainer({ tamper: 'signature' }), 'app-1')).toBe('undefined')
  expect(await verdictOf(sandbox, samsungContainer('sam-1', 'TP-1'), 'TP-1')).toBe('undefined')
})
