import { expect, test } from 'vitest'
import type { BareReceipt, PresentedReceipt } from '../../../src/contract.js'
import { googlePlayPayload, unityContainer } from '../../../src/receipts/unity.js'
import { mbaasy } from '../../../src/vendors/index.js'
import { scopeOf } from '../../../src/workspace/scope.js'
import { aShop, setStore, signedOrder, signedReceipt, type Shop } from './uploads.js'

async function judged(shop: Shop, receipt: PresentedReceipt): Promise<string | undefined> {
  const { space } = await shop.context.workspaces.open('default')
  return mbaasy.judge!(scopeOf(shop.context, space, await space.setting(), 'mbaasy'), receipt)
}

const googlePlay = (wish: Parameters<typeof signedOrder>[0] = {}): BareReceipt => {
  const { purchase_data: purchaseData, purchase_signature: signature } = signedOrder(wish)
  return { format: 'google_play', purchaseData, signature }
}
const appStore = (wish: Parameters<typeof signedReceipt>[0] = {}): BareReceipt => ({
  format: 'app_store',
  receipt: signedReceipt(wish).body.receipt,
})
const unity = (store: string, payload: string): PresentedReceipt => ({ format: 'unity', container: unityContainer(store, '', payload) })

test.each<[string, PresentedReceipt, string | undefined]>([
  ['a Google Play purchase', googlePlay(), '200'],
  ['a forged one', googlePlay({ tamper: 'data' }), '402 invalid_signature'],
  ['one of an unknown app', googlePlay({ packageName: 'com.example.unknown' }), '422 com.example.unknown is not a registered package name'],
  ['one without a token', googlePlay({ purchaseToken: '' }), "422 purchase_data: purchaseToken can't be blank"],
  ['an App Store receipt', appStore(), '200'],
  ['a forged receipt', appStore({ tamper: 'key' }), '402 invalid_signature'],
  ['a receipt of an unknown app', appStore({ bundleId: 'com.example.unknown' }), '422 com.example.unknown is not a registered bundle id'],
  ['no receipt at all', { format: 'app_store', receipt: 'x' }, '422 is not a valid receipt'],
  [
    'a Unity container from Google Play',
    unity('GooglePlay', googlePlayPayload(signedOrder().purchase_data, signedOrder().purchase_signature)),
    "422 purchase_data: packageName can't be blank, productId can't be blank, purchaseToken can't be blank, purchaseTime must be a number of milliseconds",
  ],
  ['a Unity container from the App Store', unity('AppleAppStore', signedReceipt().body.receipt), '422 is not a valid receipt'],
  ['a receipt as JSON string', { format: 'wrapped', text: '"MIIT"', contents: appStore() }, '422 is not a valid receipt'],
  ['purchase data as JSON string', { format: 'wrapped', text: '"{}"', contents: googlePlay() }, '422 purchase_data: is not valid JSON'],
  ['a Unity container from Samsung', unity('SamsungApps', '{"purchaseId":"1"}'), undefined],
  ['a text that is no container', { format: 'unity', container: '{' }, undefined],
  ['a Samsung purchase', { format: 'samsung', purchaseId: '1' }, undefined],
  ['an OUYA form', { format: 'ouya', form: 'a=b' }, undefined],
])('%s would be answered so', async (_what, receipt, answer) => {
  expect(await judged(await aShop(), receipt)).toBe(answer)
})

test('while a store is down its receipts would be 206', async () => {
  const shop = await aShop()
  await setStore(shop, 'google_play', false)
  await setStore(shop, 'app_store', false)

  expect([await judged(shop, googlePlay()), await judged(shop, appStore())]).toEqual(['206', '206'])
})

test('what a store denies would be refused, and judging keeps nothing', async () => {
  const shop = await aShop()
  const purchases = [
    { store: 'google_play', token: 't', known: false },
    { store: 'app_store', token: '7', productId: 'other' },
  ]
  await shop.control('POST', 'seed', { marketplace: { purchases } })

  expect(await judged(shop, googlePlay({ purchaseToken: 't' }))).toBe('402 purchase_not_found')
  expect(await judged(shop, appStore({ transactionId: '7' }))).toBe('402 purchase_mismatch')
  expect(await shop.rows('mbaasy', 'purchaseOrders')).toEqual([])
})
