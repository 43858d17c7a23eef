import { expect, test } from 'vitest'
import { appStoreRequest, warningsOf } from '../../src/receipts/app-store/mint-request.js'
import { mintAppStore } from '../../src/receipts/app-store/mint.js'
import { aContext, bundleId, read } from './app-store-kit.js'

function mint(body: object) {
  return mintAppStore(appStoreRequest.parse(body), aContext())
}

test('one product is enough for a receipt that is believed as production', () => {
  const { receipt, transactionId } = mint({ bundleId, productId: 'gems.10' })
  const { ok, style, claims } = read(receipt, { bundleId, transactionId })
  expect([ok, style, claims?.environment, claims?.items.length]).toEqual([true, 'unified', 'production', 1])
  expect(transactionId).toMatch(/^1000000\d{9}$/)
})

test.each(['unified', 'transaction'])('a given transaction id is used in a %s receipt', (style) => {
  const { receipt, transactionId } = mint({ bundleId, productId: 'gems.10', transactionId: '42', style })
  expect([transactionId, read(receipt, { transactionId: '42' }).ok]).toEqual(['42', true])
})

test('a product that is not among the items comes before them and gives the transaction id', () => {
  const { receipt, transactionId } = mint({
    bundleId,
    productId: 'gems.10',
    transactionId: '1',
    items: [{ productId: 'sword', transactionId: '2' }],
  })
  expect(transactionId).toBe('1')
  expect(read(receipt).claims?.items.map((item) => [item.productId, item.transactionId])).toEqual([
    ['gems.10', '1'],
    ['sword', '2'],
  ])
})

test('a product that is among the items is that item', () => {
  const items = [
    { productId: 'sword', transactionId: '2' },
    { productId: 'gems.10', quantity: 5 },
  ]
  const { receipt, transactionId } = mint({ bundleId, productId: 'gems.10', transactionId: '1', items })
  expect(transactionId).toBe('1')
  expect(read(receipt).claims?.items[1]).toMatchObject({ productId: 'gems.10', quantity: 5, transactionId: '1' })
  expect(read(receipt).claims?.items.length).toBe(2)
})

test('items alone are enough, and the first gives the transaction id', () => {
  expect(mint({ bundleId, items: [{ productId: 'sword', transactionId: '2' }, { productId: 'gems' }] }).transactionId).toBe('2')
})

test('a renewal is as old as the purchase that it renews, where both are in one receipt', () => {
  const first = { productId: 'sub', transactionId: '1', purchaseDate: '2026-01-01T00:00:00Z', expiresDate: '2026-02-01T00:00:00Z' }
  const renewal = { ...first, originalTransactionId: '1', purchaseDate: '2026-02-01T00:00:00Z', expiresDate: '2026-03-01T00:00:00Z' }
  const { receipt } = mint({
    bundleId,
    items: [first, { ...renewal, transactionId: '2' }, { ...renewal, transactionId: '3', originalPurchaseDate: '2025-12-31T00:00:00Z' }],
  })
  expect(read(receipt).claims?.items.map((item) => [item.purchaseDate?.text, item.originalPurchaseDate?.text])).toEqual([
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['2026-02-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['2026-02-01T00:00:00Z', '2025-12-31T00:00:00Z'],
  ])
})

test('a transaction receipt holds the one purchase that was named', () => {
  const { receipt } = mint({
    bundleId,
    style: 'transaction',
    productId: 'gems',
    environment: 'ProductionSandbox',
    items: [{ productId: 'sword' }, { productId: 'gems' }],
  })
  expect(read(receipt).claims).toMatchObject({ style: 'transaction', environment: 'sandbox', items: [{ productId: 'gems' }] })
})

test.each([
  ['consumable', 1],
  ['non-consumable', 0],
  ['non-renewing', 2],
  ['auto-renewable', 3],
  [0, 0],
  [3, 3],
])('type %s is number %i in a receipt', (type, number) => {
  expect(read(mint({ bundleId, items: [{ productId: 'p', type }] }).receipt).claims?.items[0]?.type).toBe(number)
})

test('a purchase with an end is a renewable subscription unless told otherwise', () => {
  expect(read(mint({ bundleId, items: [{ productId: 'p', expiresDate: '2027-01-01' }] }).receipt).claims?.items[0]?.type).toBe(3)
})

test.each([
  ['neither product nor items', {}],
  ['no items', { items: [] }],
  ['an unknown member', { productId: 'p', colour: 'red' }],
  ['an unknown type', { items: [{ productId: 'p', type: 'rental' }] }],
  ['an invalid date', { items: [{ productId: 'p', purchaseDate: 'tomorrow' }] }],
  ['a transaction receipt of Xcode', { productId: 'p', style: 'transaction', environment: 'Xcode' }],
])('a wish with %s is refused', (_, body) => {
  expect(appStoreRequest.safeParse({ bundleId, ...body }).success).toBe(false)
})

test.each<[string, object, string]>([
  [
    'an id twice',
    {
      items: [
        { productId: 'a', transactionId: '1' },
        { productId: 'b', transactionId: '1' },
      ],
    },
    'items/1/transactionId',
  ],
  ['the id of an item', { productId: 'a', transactionId: '1', items: [{ productId: 'b', transactionId: '1' }] }, 'items/0/transactionId'],
  ['two ids of a product', { productId: 'a', transactionId: '1', items: [{ productId: 'a', transactionId: '2' }] }, 'transactionId'],
  ['an id without a product', { transactionId: '1', items: [{ productId: 'a' }] }, 'transactionId'],
  ['two purchases of style transaction', { style: 'transaction', items: [{ productId: 'a' }, { productId: 'b' }] }, 'items'],
  ['one more purchase of style transaction', { style: 'transaction', productId: 'a', items: [{ productId: 'b' }] }, 'items'],
  [
    'an end before the purchase',
    { items: [{ productId: 'a', purchaseDate: '2026-01-01', expiresDate: '2020-01-01' }] },
    'items/0/expiresDate',
  ],
  ['an end at the purchase', { items: [{ productId: 'a', purchaseDate: 1000, expiresDate: 1000 }] }, 'items/0/expiresDate'],
  ['an end before the first purchase', { items: [{ productId: 'a', originalPurchaseDate: 9, expiresDate: 8 }] }, 'items/0/expiresDate'],
  ['a first purchase after it', { items: [{ productId: 'a', purchaseDate: 1, originalPurchaseDate: 2 }] }, 'items/0/originalPurchaseDate'],
  ['a cancellation before it', { items: [{ productId: 'a', purchaseDate: 2, cancellationDate: 1 }] }, 'items/0/cancellationDate'],
])('a request with %s is refused, because a receipt or the store could not hold it', (_name, body, path) => {
  const { success, error } = appStoreRequest.safeParse({ bundleId, ...body })
  expect([success, error?.issues.map((issue) => issue.path.join('/'))]).toEqual([false, [path]])
})

test.each<[object, number]>([
  [{ productId: 'a', transactionId: '1'.repeat(64) }, 0],
  [{ productId: 'a', transactionId: '1'.repeat(65) }, 1],
  [
    {
      items: [
        { productId: 'a', transactionId: 'x' },
        { productId: 'b', originalTransactionId: 'y' },
      ],
    },
    2,
  ],
])('%j has a warning for each id that the App Store Server API refuses', (body, count) => {
  expect(warningsOf(appStoreRequest.parse({ bundleId, ...body }))).toHaveLength(count)
})

test.each([
  [{ expiresDate: '2020-03-31T00:00:00Z' }, '2020-02-29T00:00:00.000Z'],
  [{ cancellationDate: '2020-03-31T00:00:00Z' }, '2020-03-31T00:00:00.000Z'],
  [{ originalPurchaseDate: '2090-01-01T00:00:00Z' }, '2090-01-01T00:00:00.000Z'],
])('without a purchase date a purchase with %j has one that fits', (dates, purchaseDate) => {
  const { receipt } = mint({ bundleId, items: [{ productId: 'a', ...dates }] })
  expect(new Date(read(receipt).claims?.items[0]?.purchaseDate?.ms ?? 0).toISOString()).toBe(purchaseDate)
})
