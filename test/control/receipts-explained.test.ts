import { expect, test } from 'vitest'
import { unityContainer } from '../../src/receipts/unity.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'

const jws = 'eyJhbGciOiJFUzI1NiJ9.eyJidW5kbGVJZCI6ImNvbS5hIn0.c2ln'

async function mint(sandbox: TestSandbox, store: string, wish: object): Promise<Record<string, string>> {
  return (await sandbox.control('POST', `receipts/${store}`, { productId: 'gems.10', ...wish })) as Record<string, string>
}

const appStore = (sandbox: TestSandbox, wish: object = {}) => mint(sandbox, 'app_store', { bundleId: 'com.example.game', ...wish })
const googlePlay = (sandbox: TestSandbox, wish: object = {}) => mint(sandbox, 'google_play', { packageName: 'com.example.game', ...wish })

async function explained(sandbox: TestSandbox, reply: Response): Promise<string> {
  const { entries } = (await sandbox.control('GET', 'traffic?limit=1')) as { entries: { explanation: string; outcome: string }[] }
  return `${reply.status} ${entries[0]?.outcome}: ${entries[0]?.explanation}`
}

async function mbaasy(sandbox: TestSandbox, path: string, body: object): Promise<string> {
  return explained(sandbox, await sandbox.ask(`/mbaasy/client/${path}`, post(body, { Authorization: 'Bearer test-token' })))
}

async function whales(sandbox: TestSandbox, store: string, receipt: string, transactionId = 't'): Promise<string> {
  const common = { country: 'US', locale: 'en', platform: store === 'GooglePlay' ? 'android' : 'ios', store, version: '1' }
  const event = { currency: 'USD', price: 99, transactionId, receipt }
  return explained(sandbox, await sandbox.ask('/gameofwhales/receipt', post({ game: 'sandbox-game', user: 'u', common, event })))
}

test('a signed transaction of StoreKit 2 is named by both vendors, with the way out', async () => {
  const sandbox = await aSandbox()
  const named = /signed transaction of StoreKit 2 \(a JWS signed with ES256, "eyJhbGciOiJFUzI1NiJ9…"\): send the app receipt instead/
  expect(await mbaasy(sandbox, 'itunes_connect/receipts', { receipt: jws })).toMatch(named)
  expect(await whales(sandbox, 'AppleAppStore', unityContainer('AppleAppStore', 't', jws))).toMatch(named)
  expect(await whales(sandbox, 'AppleAppStore', jws)).toMatch(named)
})

test('Base64 twice is named by both vendors', async () => {
  const sandbox = await aSandbox()
  const twice = Buffer.from((await appStore(sandbox))['receipt']!).toString('base64')
  const named = /a receipt in Base64 that was encoded in Base64 again: encode the receipt once/
  expect(await mbaasy(sandbox, 'itunes_connect/receipts', { receipt: twice })).toMatch(/^422 .*is neither PKCS#7/)
  expect(await mbaasy(sandbox, 'itunes_connect/receipts', { receipt: twice })).toMatch(named)
  expect(await whales(sandbox, 'AppleAppStore', unityContainer('AppleAppStore', 't', twice))).toMatch(named)
})

test('a Unity container is named where Mbaasy gets it as receipt or purchase data', async () => {
  const sandbox = await aSandbox()
  const { unityReceipt: ios } = await appStore(sandbox)
  const { unityReceipt: android, signature } = await googlePlay(sandbox)
  const order = { purchase_data: android, purchase_signature: signature }
  expect(await mbaasy(sandbox, 'itunes_connect/receipts', { receipt: ios })).toMatch(
    /^422 .*a Unity container of AppleAppStore: send what its Payload holds/,
  )
  expect(await mbaasy(sandbox, 'google_play/purchase_orders', order)).toMatch(
    /^422 .*a Unity container of GooglePlay: send what its Payload/,
  )
})

test('names in the wrong case are named, and no store is made up', async () => {
  const sandbox = await aSandbox()
  const { unityReceipt } = await googlePlay(sandbox)
  const { Store, TransactionID, Payload } = JSON.parse(unityReceipt!) as Record<string, string>
  const told = await whales(sandbox, 'GooglePlay', JSON.stringify({ store: Store, transactionID: TransactionID, payload: Payload }))
  expect(told).toMatch(/^200 illegal: /)
  expect(told).toMatch(/neither "Store" nor "Payload".*names in the wrong case \("store", "transactionID", "payload"\): write "Store"/)
  expect(told).not.toContain('the container is from')
})

test('a container encoded once more is named', async () => {
  const sandbox = await aSandbox()
  const { unityReceipt } = await googlePlay(sandbox)
  expect(await whales(sandbox, 'GooglePlay', JSON.stringify(unityReceipt))).toMatch(
    /^200 undefined: .*JSON string, so it was encoded as JSON once more than it should be: send the text that the string holds/,
  )
})

test('purchase data printed anew is refused by both vendors, and its compact form is named', async () => {
  const sandbox = await aSandbox()
  const { purchaseData, signature } = await googlePlay(sandbox)
  const json = JSON.stringify(JSON.parse(purchaseData!), null, 2)
  const named = /fits the compact form of the same JSON.*send the text as the device gave it/
  expect(await mbaasy(sandbox, 'google_play/purchase_orders', { purchase_data: json, purchase_signature: signature })).toMatch(named)
  expect(await whales(sandbox, 'GooglePlay', unityContainer('GooglePlay', 't', JSON.stringify({ json, signature })))).toMatch(named)
})

test('the original transaction id in place of that of the renewal is named', async () => {
  const sandbox = await aSandbox()
  const items = [{ productId: 'gold', transactionId: '102', originalTransactionId: '100' }]
  const { unityReceipt } = await appStore(sandbox, { productId: undefined, items })
  expect(await whales(sandbox, 'AppleAppStore', unityReceipt!, '100')).toMatch(
    /^200 illegal: .*100 is the original transaction id of 102: report the transaction id of the renewal/,
  )
})

test('a receipt whose issuer is not known is refused for that, and not called forged', async () => {
  const sandbox = await aSandbox()
  const { receipt, unityReceipt, transactionId } = await appStore(sandbox, { tamper: 'key' })
  const named = /the issuer is not known: .* foreign root.* signed itself and is not trusted .*; add the missing certificate to the roots/
  expect(await mbaasy(sandbox, 'itunes_connect/receipts', { receipt })).toMatch(named)
  expect(await mbaasy(sandbox, 'itunes_connect/receipts', { receipt })).not.toMatch(/forged|not genuine/)
  expect(await whales(sandbox, 'AppleAppStore', unityReceipt!, transactionId)).toMatch(named)
})

test.each([
  ['itunes_connect/receipts', { 'receipt-data': 'MIIP' }, /The body has receipt-data, .*: send that value as receipt/],
  ['itunes_connect/receipts', { transaction_receipt: 'MIIP' }, /The body has transaction_receipt, .*: send that value as receipt/],
  [
    'google_play/purchase_orders',
    { data_android: '{}', purchase_signature: 'AA==' },
    /The body has data_android, .*: send that value as purchase_data/,
  ],
  [
    'google_play/purchase_orders',
    { purchase_data: '{}', signature: 'AA==' },
    /The body has signature, .*: send that value as purchase_signature/,
  ],
])('a member of %s under the name of another service is named', async (path, body, named) => {
  const sandbox = await aSandbox()
  const explanation = await mbaasy(sandbox, path, body)
  expect(explanation).toMatch(/^422 invalid: /)
  expect(explanation).toMatch(named)
})

test('purchase data over 262,144 characters that are rightly signed are legal and 200', async () => {
  const sandbox = await aSandbox()
  const { purchaseData, signature, unityReceipt } = await googlePlay(sandbox, { developerPayload: 'x'.repeat(300_000) })
  const order = { purchase_data: purchaseData, purchase_signature: signature }
  expect(await mbaasy(sandbox, 'google_play/purchase_orders', order)).toMatch(/^200 recorded/)
  expect(await whales(sandbox, 'GooglePlay', unityReceipt!)).toMatch(/^200 legal/)
})
