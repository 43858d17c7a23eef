import { describe, expect, test } from 'vitest'
import { act, advance, ask, aStore, mint, mintSubscription, purchasePath, receipt } from './requests.js'

describe('the receipt of an item', () => {
  test('has the documented members in their order', async () => {
    const sandbox = await aStore()
    const { purchaseId, orderId, paymentId } = await mint(sandbox, { priceMicros: 4_990_000 })

    const { status, body, entry } = await receipt(sandbox, purchaseId)

    expect(status).toBe(200)
    expect(Object.entries(body)).toEqual(
      Object.entries({
        itemId: 'gems.10',
        paymentId,
        orderId,
        packageName: 'com.example.game',
        itemName: 'gems.10',
        itemDesc: '',
        purchaseDate: '2026-01-01 00:00:00',
        paymentAmount: '4.990',
        status: 'success',
        paymentMethod: 'Credit Card',
        mode: 'PRODUCTION',
        consumeYN: 'N',
        acknowledgeYN: 'N',
        currencyCode: 'USD',
        currencyUnit: '$',
        itemType: 'Item',
        countryCode: 'USA',
      }),
    )
    expect(orderId).toMatch(/^S20260101US\d{10}$/)
    expect(entry).toMatchObject({ outcome: 'confirmed', verdict: 'accepted', warnings: [] })
  })

  test('shows what the game passed, the country, the currency and the test mode', async () => {
    const sandbox = await aStore()
    const given = { passThrough: 'cart-7', accountId: 'a-1', profileId: 'p-1', countryCode: 'DE', currencyCode: 'EUR', testPurchase: true }
    const { purchaseId } = await mint(sandbox, given)

    expect((await receipt(sandbox, purchaseId)).body).toMatchObject({
      passThroughParam: 'cart-7',
      obfuscatedAccountId: 'a-1',
      obfuscatedProfileId: 'p-1',
      countryCode: 'DEU',
      currencyCode: 'EUR',
      currencyUnit: '€',
      mode: 'TEST',
    })
  })

  test('turns Y when the purchase is acknowledged and consumed', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)
    await ask(sandbox, 'PATCH', purchasePath(purchaseId), { body: { action: 'acknowledge' } })
    await advance(sandbox, 'PT1H')
    await act(sandbox, purchaseId, 'consume')

    expect((await receipt(sandbox, purchaseId)).body).toMatchObject({
      acknowledgeYN: 'Y',
      acknowledgeDate: '2026-01-01 00:00:00',
      consumeYN: 'Y',
      consumeDate: '2026-01-01 01:00:00',
    })
  })

  test('is cancelled after a refund, with everything as before', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)
    const before = (await receipt(sandbox, purchaseId)).body
    await advance(sandbox, 'P1D')
    await act(sandbox, purchaseId, 'refund')

    const { status, body, entry } = await receipt(sandbox, purchaseId)

    expect([status, body]).toEqual([200, { ...before, status: 'cancel', cancelDate: '2026-01-02 00:00:00' }])
    expect(entry).toMatchObject({ outcome: 'canceled', verdict: 'refused' })
  })

  test('of a row from before refunds had a time is cancelled if the publisher cancelled it', async () => {
    const sandbox = await aStore()
    const row = {
      store: 'samsung',
      token: 'a'.repeat(64),
      type: 'product',
      canceledAt: '2025-12-01T00:00:00.000Z',
      cancelReason: 'publisher',
    }
    await sandbox.control('PUT', `tables/marketplace/purchases/samsung:${row.token}`, row)

    expect((await receipt(sandbox, row.token)).body).toMatchObject({
      status: 'cancel',
      cancelDate: '2025-12-01 00:00:00',
      itemId: 'gems.10',
    })
  })

  test('of a pending purchase is unknown until it is complete', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox, { pending: true })

    const before = await receipt(sandbox, purchaseId)
    await act(sandbox, purchaseId, 'complete')

    expect([before.body['errorCode'], before.entry.verdict]).toEqual([9135, 'pending'])
    expect((await receipt(sandbox, purchaseId)).body['status']).toBe('success')
  })
})

describe('the receipt call', () => {
  test.each([
    ['an unknown id', 'f'.repeat(64), 'not-exist-order'],
    ['no id', '', 'invalid-purchase-id'],
    ['blanks', '%20', 'invalid-purchase-id'],
    ['a path', '..%2F..', 'invalid-purchase-id'],
    ['an id of 257 characters', 'a'.repeat(257), 'invalid-purchase-id'],
  ])('refuses %s with status 200', async (_what, id, outcome) => {
    const { status, body, entry } = await receipt(await aStore(), id)

    const known = outcome === 'not-exist-order'
    const error = known ? { errorCode: 9135, errorMessage: 'not exist order' } : { errorCode: 9153, errorMessage: 'invalid purchaseID' }
    expect([status, body]).toEqual([200, { status: 'fail', ...error }])
    expect(entry).toMatchObject({ outcome, verdict: 'refused', expected: [{ pointer: '/query/purchaseID' }] })
  })

  test('refuses a purchase that the store does not know', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)
    const [row] = await sandbox.rows('marketplace', 'purchases')
    await sandbox.control('PUT', `tables/marketplace/purchases/samsung:${purchaseId}`, { ...row, known: false })

    expect((await receipt(sandbox, purchaseId)).body['errorCode']).toBe(9135)
  })

  test('takes purchaseId with a warning', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)

    const { body, entry } = await ask(sandbox, 'GET', `/iap/v6/receipt?purchaseId=${purchaseId}`, { headers: {} })

    expect(body['status']).toBe('success')
    expect(entry.warnings).toEqual(['The query has purchaseId; the name is purchaseID.'])
  })

  test('is 503 without a body while the store is not reachable', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)
    await sandbox.control('PUT', 'upstreams/samsung', { reachable: false })

    const reply = await receipt(sandbox, purchaseId)

    expect([reply.status, reply.body, reply.entry.outcome]).toEqual([503, {}, 'unreachable'])
  })

  test('speaks in its own form about unknown paths of its host and wrong verbs', async () => {
    const sandbox = await aStore()
    const words = async (url: string, init: RequestInit = {}) => {
      const reply = await sandbox.ask(url, init)
      return [reply.status, await reply.json(), reply.headers.get('allow')]
    }

    expect(await words('https://iap.samsungapps.com/nope')).toEqual([
      404,
      { status: 'fail', errorCode: 9000, errorMessage: 'Not found' },
      null,
    ])
    expect(await words('https://iap.samsungapps.com/iap/v6/receipt', { method: 'POST' })).toMatchObject([405, { errorCode: 9000 }, 'GET'])
    expect(await words('https://devapi.samsungapps.com/nope')).toEqual([
      404,
      { code: 'NOT_FOUND', message: 'Not found', from: 'asgw' },
      null,
    ])
  })

  test.each([
    ['/samsung/iap/v6/receipts', { errorCode: 9000 }],
    ['/samsung/iap/v6', { errorCode: 9000 }],
    ['/samsung/iap/v6/receipt/extra', { errorCode: 9000 }],
    ['/samsung/iap/v6/applications/com.example.game/items', { code: 'NOT_FOUND', from: 'asgw' }],
    ['/samsung/iap/v6/applications', { code: 'NOT_FOUND', from: 'asgw' }],
    ['/samsung/iap/seller/v6/nope', { code: 'NOT_FOUND', from: 'asgw' }],
    ['https://devapi.samsungapps.com/iap/v6/receipts', { code: 'NOT_FOUND', from: 'asgw' }],
    ['https://iap.samsungapps.com/iap/v6/applications', { errorCode: 9000 }],
  ])('speaks in the form of the service that %s belongs to', async (url, body) => {
    const sandbox = await aStore()

    const reply = await sandbox.ask(url)

    expect([reply.status, await reply.json()]).toMatchObject([404, body])
  })
})

test('the receipt of a renewal is found by its own id', async () => {
  const sandbox = await aStore()
  const first = await mintSubscription(sandbox, { trial: true, priceMicros: 9_990_000 })
  await receipt(sandbox, first.purchaseId)
  await advance(sandbox, 'P1M')

  const payments = await sandbox.rows('samsung', 'payments')
  const renewal = payments[1] as { purchaseId: string; orderId: string }
  const receipts = [await receipt(sandbox, first.purchaseId), await receipt(sandbox, renewal.purchaseId)].map(({ body }) => body)

  expect(payments).toHaveLength(2)
  expect(renewal.purchaseId).toMatch(/^[0-9a-f]{64}$/)
  expect(receipts).toMatchObject([
    {
      orderId: first.orderId,
      paymentId: first.paymentId,
      purchaseDate: '2026-01-01 00:00:00',
      paymentAmount: '0.000',
      itemType: 'Subscription',
    },
    { orderId: renewal.orderId, purchaseDate: '2026-02-01 00:00:00', paymentAmount: '9.990', itemType: 'Subscription' },
  ])
  expect(receipts[1]!['paymentId']).not.toBe(first.paymentId)
})
