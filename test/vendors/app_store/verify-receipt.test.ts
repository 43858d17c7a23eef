import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { AppStoreRequest } from '../../../src/receipts/app-store/mint-request.js'
import { aStore, bundleId, type Loose, type TestStore } from './store.js'

const password = '0123456789abcdef0123456789abcdef'
const sandbox = '/sandbox/verifyReceipt'

interface Minted {
  receipt: string
  transactionId: string
  registered: string[]
}

async function mint(store: TestStore, wish: Partial<AppStoreRequest> = {}): Promise<Minted> {
  return (await store.control('POST', 'receipts/app_store', { bundleId, productId: 'gems.10', ...wish })) as Minted
}

const threeForms = (name: string) => ({
  [name]: '2026-01-01 00:00:00 Etc/GMT',
  [`${name}_ms`]: '1767225600000',
  [`${name}_pst`]: '2025-12-31 16:00:00 America/Los_Angeles',
})

test('a receipt of a consumable in the sandbox is answered with every member as text, in the recorded order', async () => {
  const store = await aStore()
  const { receipt, transactionId } = await mint(store, { environment: 'ProductionSandbox' })
  const answer = await store.verifyReceipt({ 'receipt-data': receipt }, sandbox)
  expect(answer).toEqual({
    receipt: {
      receipt_type: 'ProductionSandbox',
      adam_id: 0,
      app_item_id: 0,
      bundle_id: bundleId,
      application_version: '1.0',
      download_id: 0,
      version_external_identifier: 0,
      ...threeForms('receipt_creation_date'),
      ...threeForms('request_date'),
      original_purchase_date: '2013-08-01 07:00:00 Etc/GMT',
      original_purchase_date_ms: '1375340400000',
      original_purchase_date_pst: '2013-08-01 00:00:00 America/Los_Angeles',
      original_application_version: '1.0',
      in_app: [
        {
          quantity: '1',
          product_id: 'gems.10',
          transaction_id: transactionId,
          original_transaction_id: transactionId,
          ...threeForms('purchase_date'),
          ...threeForms('original_purchase_date'),
          is_trial_period: 'false',
          in_app_ownership_type: 'PURCHASED',
        },
      ],
    },
    environment: 'Sandbox',
    status: 0,
  })
  expect(Object.keys(answer['receipt']).slice(0, 8)).toEqual([
    'receipt_type',
    'adam_id',
    'app_item_id',
    'bundle_id',
    'application_version',
    'download_id',
    'version_external_identifier',
    'receipt_creation_date',
  ])
  expect((await store.lastEntry())['outcome']).toBe('valid')
})

test('a receipt of the first period of a subscription shows the later ones, and its renewal', async () => {
  const store = await aStore()
  const { receipt, transactionId } = await mint(store, { productId: 'club.monthly', period: 'P1M' })
  await store.advance('P2M')
  const answer = await store.verifyReceipt({ 'receipt-data': receipt, password })
  expect(answer).toMatchObject({ status: 0, environment: 'Production', receipt: { adam_id: 1_234_567_890, receipt_type: 'Production' } })
  expect(answer['receipt'].in_app).toHaveLength(1)
  expect(answer['latest_receipt_info'].map((item: Loose) => [item.purchase_date, item.expires_date])).toEqual([
    ['2026-03-01 00:00:00 Etc/GMT', '2026-04-01 00:00:00 Etc/GMT'],
    ['2026-02-01 00:00:00 Etc/GMT', '2026-03-01 00:00:00 Etc/GMT'],
    ['2026-01-01 00:00:00 Etc/GMT', '2026-02-01 00:00:00 Etc/GMT'],
  ])
  expect(answer['latest_receipt_info'][0]).toMatchObject({
    original_transaction_id: transactionId,
    subscription_group_identifier: '20000001',
    is_in_intro_offer_period: 'false',
    web_order_line_item_id: expect.stringMatching(/^\d+$/),
  })
  expect(answer['pending_renewal_info']).toEqual([
    {
      auto_renew_product_id: 'club.monthly',
      product_id: 'club.monthly',
      original_transaction_id: transactionId,
      auto_renew_status: '1',
    },
  ])
  const again = await store.verifyReceipt({ 'receipt-data': answer['latest_receipt'], password })
  expect(again['latest_receipt_info']).toEqual(answer['latest_receipt_info'])
  const brief = await store.verifyReceipt({ 'receipt-data': receipt, password, 'exclude-old-transactions': true })
  expect(brief['latest_receipt_info']).toHaveLength(1)
})

test.each([
  ['a cancellation', [['cancel']], 'P40D', { auto_renew_status: '0', expiration_intent: '1', is_in_billing_retry_period: '0' }],
  [
    'a failed payment in grace',
    [['grace']],
    'P32D',
    { grace_period_expires_date_ms: String(Date.UTC(2026, 1, 17)), is_in_billing_retry_period: '1' },
  ],
  ['a failed payment', [['hold']], 'P40D', { expiration_intent: '2', is_in_billing_retry_period: '1' }],
] as const)('%s shows in pending_renewal_info', async (_name, actions, duration, renewal) => {
  const store = await aStore()
  const { receipt, transactionId } = await mint(store, { productId: 'club.monthly', period: 'P1M' })
  for (const [action] of actions) await store.act(transactionId, action)
  await store.advance(duration)
  const answer = await store.verifyReceipt({ 'receipt-data': receipt, password })
  expect(answer['pending_renewal_info']).toMatchObject([renewal])
})

test('a refund shows in a receipt that was minted before it', async () => {
  const store = await aStore()
  const { receipt, transactionId } = await mint(store)
  await store.act(transactionId, 'refund', { reason: 1 })
  const answer = await store.verifyReceipt({ 'receipt-data': receipt })
  expect(answer['receipt'].in_app[0]).toMatchObject({ ...threeForms('cancellation_date'), cancellation_reason: '1' })
})

test('a finished consumable is in no receipt Loose more, and a non-consumable stays', async () => {
  const store = await aStore()
  const items = [
    { productId: 'gems.10', transactionId: '1000000000000001' },
    { productId: 'level', transactionId: '1000000000000002', type: 'non-consumable' as const },
  ]
  const { receipt } = await mint(store, { items })
  await store.act('1000000000000001', 'consume')
  await store.act('1000000000000002', 'consume')
  const answer = await store.verifyReceipt({ 'receipt-data': receipt })
  expect(answer['receipt'].in_app.map(({ product_id }: Loose) => product_id)).toEqual(['level'])
})

describe('a refusal is a status', () => {
  test.each([
    ['not JSON', '{', 21002, 'malformed'],
    ['without receipt-data', '{}', 21002, 'malformed'],
    ['receipt-data that is a number', '{"receipt-data":1}', 21002, 'malformed'],
    ['receipt-data that is not Base64', '{"receipt-data":"%%"}', 21002, 'malformed'],
    ['receipt-data of another kind', '{"receipt-data":"aGVsbG8="}', 21002, 'malformed'],
  ])('%s', async (_name, body, status, outcome) => {
    const store = await aStore()
    const reply = await store.ask('/app_store/verifyReceipt', { method: 'POST', body })
    expect([reply.status, reply.headers.get('deprecation'), await reply.json()]).toEqual([200, 'true', { status }])
    expect(await store.lastEntry()).toMatchObject({ outcome, expected: [{ pointer: expect.stringMatching(/^\/body/) }] })
  })

  test.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])('%s is not a POST', async (method) => {
    const store = await aStore()
    for (const path of ['/app_store/verifyReceipt', '/app_store/sandbox/verifyReceipt']) {
      const reply = await store.ask(path, { method })
      expect([reply.status, reply.headers.get('content-type'), reply.headers.get('deprecation')]).toEqual([200, 'application/json', 'true'])
      expect(await reply.text()).toBe(method === 'HEAD' ? '' : '{"status":21000}')
      expect(await store.lastEntry()).toMatchObject({
        outcome: 'method-not-allowed',
        verdict: 'refused',
        explanation: expect.stringContaining(`takes POST, not ${method}`),
      })
    }
  })

  test.each([
    [{ tamper: 'signature' }, 21003],
    [{ tamper: 'data' }, 21003],
    [{ tamper: 'key' }, 21003],
    [{ bundleId: 'com.example.unknown' }, 21003],
    [{ style: 'transaction', tamper: 'signature' }, 21003],
  ] as const)('a receipt minted with %j', async (wish, status) => {
    const store = await aStore()
    const { receipt } = await mint(store, wish)
    expect(await store.verifyReceipt({ 'receipt-data': receipt })).toEqual({ environment: 'Production', status })
  })

  test('a receipt of the other environment, before its signature', async () => {
    const store = await aStore()
    const forged = await mint(store, { environment: 'ProductionSandbox', tamper: 'signature' })
    expect(await store.verifyReceipt({ 'receipt-data': forged.receipt })).toEqual({ environment: 'Sandbox', status: 21007 })
    const genuine = await mint(store)
    expect(await store.verifyReceipt({ 'receipt-data': genuine.receipt }, sandbox)).toEqual({ environment: 'Production', status: 21008 })
    const native = await store.ask('http://sandbox.itunes.apple.com/verifyReceipt', {
      method: 'POST',
      body: JSON.stringify({ 'receipt-data': genuine.receipt }),
    })
    expect(await native.json()).toMatchObject({ status: 21008 })
  })

  test('a receipt of Xcode in either environment', async () => {
    const store = await aStore()
    const { receipt, registered } = await mint(store, { environment: 'Xcode' })
    expect(registered).toEqual([])
    expect(await store.verifyReceipt({ 'receipt-data': receipt })).toEqual({ status: 21002 })
    expect(await store.verifyReceipt({ 'receipt-data': receipt }, sandbox)).toEqual({ status: 21002 })
  })

  test('a wrong password always, a missing one for a subscription', async () => {
    const store = await aStore()
    const gems = await mint(store)
    const club = await mint(store, { productId: 'club.monthly', period: 'P1M' })
    expect(await store.verifyReceipt({ 'receipt-data': gems.receipt, password: 'x' })).toMatchObject({ status: 21004 })
    expect((await store.lastEntry())['expected']).toEqual([{ pointer: '/body/password', got: 'x', expected: password }])
    expect(await store.verifyReceipt({ 'receipt-data': gems.receipt })).toMatchObject({ status: 0 })
    expect(await store.verifyReceipt({ 'receipt-data': club.receipt })).toMatchObject({ status: 21004 })
  })

  test('a purchase that the store does not know, and a store that is not reachable', async () => {
    const store = await aStore()
    const { receipt, transactionId } = await mint(store)
    await store.control('PUT', `tables/marketplace/purchases/app_store:${transactionId}`, {
      store: 'app_store',
      token: transactionId,
      app: bundleId,
      known: false,
    })
    expect(await store.verifyReceipt({ 'receipt-data': receipt })).toMatchObject({ status: 21003 })
    await store.control('PUT', 'upstreams/app_store', { reachable: false })
    expect(await store.verifyReceipt({ 'receipt-data': receipt })).toEqual({ status: 21005 })
  })
})

describe('a transaction receipt of iOS 6', () => {
  test('of a product is one flat object of texts', async () => {
    const store = await aStore()
    const { receipt, transactionId } = await mint(store, { style: 'transaction' })
    expect(await store.verifyReceipt({ 'receipt-data': receipt })).toEqual({
      status: 0,
      environment: 'Production',
      receipt: {
        ...threeForms('original_purchase_date'),
        ...threeForms('purchase_date'),
        unique_identifier: expect.stringMatching(/^[\da-f]{40}$/),
        unique_vendor_identifier: expect.stringMatching(/^[\dA-F-]{36}$/),
        original_transaction_id: transactionId,
        transaction_id: transactionId,
        quantity: '1',
        product_id: 'gems.10',
        item_id: expect.stringMatching(/^\d+$/),
        bid: bundleId,
        bvrs: '1.0',
      },
    })
  })

  test('of a subscription has its renewal while it runs, and 21006 once it has expired', async () => {
    const store = await aStore()
    const { receipt, transactionId } = await mint(store, { style: 'transaction', productId: 'club.monthly', period: 'P1M' })
    const running = await store.verifyReceipt({ 'receipt-data': receipt, password })
    expect(running).toMatchObject({
      status: 0,
      auto_renew_status: 1,
      auto_renew_product_id: 'club.monthly',
      latest_receipt_info: { expires_date: String(Date.UTC(2026, 1, 1)), expires_date_formatted: '2026-02-01 00:00:00 Etc/GMT' },
      latest_receipt: expect.any(String),
    })
    await store.act(transactionId, 'cancel')
    await store.advance('P40D')
    const expired = await store.verifyReceipt({ 'receipt-data': receipt, password })
    expect(expired).toMatchObject({
      status: 21006,
      auto_renew_status: 0,
      expiration_intent: '1',
      latest_expired_receipt_info: { transaction_id: transactionId },
    })
    expect(expired).not.toHaveProperty('latest_receipt')
  })
})

describe('a genuine receipt that the store never saw', () => {
  async function unregistered(store: TestStore, wish: Partial<AppStoreRequest>): Promise<Minted> {
    const minted = await mint(store, { ...wish, register: false })
    expect(minted.registered).toEqual([])
    expect(await store.rows('marketplace', 'purchases')).toEqual([])
    return minted
  }

  test('is adopted: the API knows its purchases from then on', async () => {
    const store = await aStore()
    const { receipt, transactionId } = await unregistered(store, { productId: 'club.monthly', period: 'P1M' })
    expect((await store.api(`/inApps/v1/transactions/${transactionId}`)).status).toBe(404)
    expect(await store.verifyReceipt({ 'receipt-data': receipt, password })).toMatchObject({ status: 0 })
    expect((await store.api(`/inApps/v1/transactions/${transactionId}`)).status).toBe(200)
    await store.advance('P1M')
    expect(await store.notices()).toEqual(['DID_RENEW'])
  })

  test('keeps the ids of all its renewals, and does not renew a period that was over', async () => {
    const store = await aStore()
    const items = [1, 2, 3].map((month) => ({
      productId: 'club.monthly',
      transactionId: `100000000000000${month}`,
      originalTransactionId: '1000000000000001',
      purchaseDate: `2025-0${month}-01T00:00:00Z`,
      expiresDate: `2025-0${month + 1}-01T00:00:00Z`,
    }))
    const { receipt } = await unregistered(store, { productId: 'club.monthly', items })
    const answer = await store.verifyReceipt({ 'receipt-data': receipt, password })
    expect(answer['latest_receipt_info'].map(({ transaction_id }: Loose) => transaction_id)).toEqual([
      '1000000000000003',
      '1000000000000002',
      '1000000000000001',
    ])
    expect(answer['pending_renewal_info']).toMatchObject([{ expiration_intent: '5', is_in_billing_retry_period: '0' }])
    await store.advance('P2M')
    expect(await store.rows('app_store', 'transactions')).toHaveLength(3)
    const reply = await store.api('/inApps/v1/transactions/1000000000000002')
    expect(reply.status).toBe(200)
  })
})

test('a customer’s other purchases are in latest_receipt_info', async () => {
  const store = await aStore()
  await mint(store, { productId: 'level', customer: 'ann', items: [{ productId: 'level', type: 'non-consumable' }] })
  const { receipt } = await mint(store, { productId: 'club.monthly', period: 'P1M', customer: 'ann' })
  const answer = await store.verifyReceipt({ 'receipt-data': receipt, password })
  expect(answer['latest_receipt_info'].map(({ product_id }: Loose) => product_id).sort()).toEqual(['club.monthly', 'level'])
})

test('a receipt cannot be minted with a transaction id under which the store sold another product', async () => {
  const store = await aStore()
  await mint(store, { transactionId: '1' })
  const mintWith = async (wish: object) => {
    const body = JSON.stringify({ bundleId, ...wish })
    const reply = await store.ask('/_sandbox/receipts/app_store', { method: 'POST', body })
    return [reply.status, ((await reply.json()) as Loose).errors?.[0].path]
  }
  expect(await mintWith({ productId: 'sword', transactionId: '1' })).toEqual([422, '/transactionId'])
  expect(await mintWith({ items: [{ productId: 'a' }, { productId: 'b', transactionId: '1' }] })).toEqual([422, '/items/1/transactionId'])
  expect(await mintWith({ productId: 'gems.10', transactionId: '1' })).toEqual([200, undefined])
  expect(await store.rows('marketplace', 'purchases')).toHaveLength(1)
})

test('exclude-old-transactions as a string has no effect, and a warning says so', async () => {
  const store = await aStore()
  const { receipt } = await mint(store, {})
  expect(await store.verifyReceipt({ 'receipt-data': receipt, password, 'exclude-old-transactions': 'true' })).toMatchObject({ status: 0 })
  expect((await store.lastEntry())['warnings']).toEqual([expect.stringContaining('exclude-old-transactions is "true"')])
})

test('a receipt of 187 purchases is answered', async () => {
  const store = await aStore()
  const items = Array.from({ length: 187 }, (_, index) => ({
    productId: 'club.monthly',
    transactionId: String(1_000_000_000_001_000 + index),
    originalTransactionId: '1000000000001000',
    purchaseDate: Date.UTC(2010, index, 1),
    expiresDate: Date.UTC(2010, index + 1, 1),
  }))
  const { receipt } = await mint(store, { productId: 'club.monthly', items })
  const answer = await store.verifyReceipt({ 'receipt-data': receipt, password })
  expect(answer['receipt'].in_app).toHaveLength(187)
})

test.each(['/verifyReceipt', '/inApps/v1/notifications/history'])(
  'a compressed body of %s is refused, and the reason names its encoding',
  async (path) => {
    const store = await aStore()
    await store.api(path, { method: 'POST', headers: { 'Content-Encoding': 'gzip' }, body: gzipSync('{"receipt-data":"x"}') })
    expect((await store.lastEntry())['explanation']).toContain('Content-Encoding "gzip"')
  },
)
