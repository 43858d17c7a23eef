import { expect, test } from 'vitest'
import { defineVendor } from '../../src/contract.js'
import { echo } from '../support/echo.js'
import { aReceiver } from '../support/receiver.js'
import { aSandbox, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'

const start = '2026-01-31T00:00:00.000Z'

const anEcho = (wishes: SandboxWishes = {}): Promise<TestSandbox> =>
  aSandbox({ roster: [echo], seedDocument: { clock: { now: start, frozen: true } }, ...wishes })

const purchaseRows = (sandbox: TestSandbox) => sandbox.rows('marketplace', 'purchases')

test('all stores answer until told otherwise', async () => {
  const sandbox = await anEcho()

  expect(await sandbox.control('GET', 'upstreams')).toEqual({
    google_play: { reachable: true },
    app_store: { reachable: true },
    samsung: { reachable: true },
  })
})

test('a store that was made unreachable stays so until it is told to answer', async () => {
  const sandbox = await anEcho()

  expect(await sandbox.control('PUT', 'upstreams/samsung', { reachable: false })).toEqual({ reachable: false })
  expect(await sandbox.control('GET', 'upstreams')).toMatchObject({ samsung: { reachable: false }, app_store: { reachable: true } })
  expect(await sandbox.control('GET', 'upstreams/samsung')).toEqual({ reachable: false })

  await sandbox.control('PUT', 'upstreams/samsung', { reachable: true })
  expect(await sandbox.control('GET', 'upstreams')).toMatchObject({ samsung: { reachable: true } })
})

test('vendors have done what waited when the call that brings a store back answers', async () => {
  const sandbox = await anEcho()
  await sandbox.control('PUT', 'upstreams/google_play', { reachable: false })
  expect(await sandbox.rows('echo', 'heard')).toEqual([])

  await sandbox.control('PUT', 'upstreams/google_play', { reachable: true })

  expect(await sandbox.rows('echo', 'heard')).toEqual([{ id: 'google_play', words: `reachable at ${start}` }])
})

test('a seed that brings a store back is heard as well', async () => {
  const sandbox = await anEcho()

  await sandbox.control('POST', 'seed', { upstreams: { app_store: { reachable: true }, samsung: { reachable: false } } })

  expect(await sandbox.rows('echo', 'heard')).toEqual([{ id: 'app_store', words: `reachable at ${start}` }])
})

test.each(['renew', 'cancel', 'refund', 'grace', 'expire', 'complete'])(
  '%s changes the purchase and vendors hear of it',
  async (action) => {
    const sandbox = await anEcho()

    const row = await sandbox.control('POST', `upstreams/google_play/purchases/tok%2F1/${action}`)

    expect(row).toMatchObject({ store: 'google_play', token: 'tok/1' })
    expect(await purchaseRows(sandbox)).toEqual([row])
    expect(await sandbox.rows('echo', 'heard')).toEqual([{ id: 'google_play/tok/1', words: JSON.stringify(row) }])
  },
)

test('the body of an act changes the row: a sale, a refund of some pieces, a time limit', async () => {
  const sandbox = await anEcho()
  const act = (action: string, body: unknown) => sandbox.control('POST', `upstreams/google_play/purchases/t/${action}`, body)

  await act('purchase', { app: 'com.example.game', productId: 'gems.10', quantity: 3 })
  await act('refund', { reason: 1, quantity: 1 })
  const row = await act('grace', { until: '2026-02-10T00:00:00Z' })

  expect(row).toEqual({
    store: 'google_play',
    token: 't',
    app: 'com.example.game',
    productId: 'gems.10',
    quantity: 3,
    purchasedAt: start,
    refundedQuantity: 1,
    refundReason: 1,
    gracePeriod: true,
    gracePeriodEndsAt: '2026-02-10T00:00:00Z',
  })
})

test('an act that a store does not have is refused with the ones that it has', async () => {
  const sandbox = await anEcho()

  const reply = await sandbox.ask('/_sandbox/upstreams/samsung/purchases/t/hold', { method: 'POST' })

  expect(await reply.json()).toMatchObject({
    detail: expect.stringMatching(/^samsung has no action "hold" on a purchase; available: .*renew/),
  })
})

test('an act starts from what the store knows and is dated by the clock', async () => {
  const sandbox = await anEcho()
  await sandbox.control('PUT', 'tables/marketplace/purchases/app_store:t', {
    store: 'app_store',
    token: 't',
    productId: 'gems',
    pending: true,
  })

  await sandbox.control('POST', 'upstreams/app_store/purchases/t/complete')
  const row = await sandbox.control('POST', 'upstreams/app_store/purchases/t/cancel')

  expect(row).toEqual({
    store: 'app_store',
    token: 't',
    productId: 'gems',
    pending: false,
    purchasedAt: start,
    autoRenewing: false,
    canceledAt: start,
    cancelReason: 'user',
  })
})

test('a vendor that fails keeps the store from changing its mind', async () => {
  const deaf = defineVendor({
    ...echo,
    id: 'deaf',
    hosts: [],
    onMarketplaceChange: async () => {
      throw new Error('heard nothing')
    },
  })
  const sandbox = await anEcho({ roster: [echo, deaf] })

  const reply = await sandbox.ask('/_sandbox/upstreams/samsung/purchases/t/cancel', { method: 'POST' })

  expect(reply.status).toBe(500)
  expect(sandbox.reports.splice(0)).toHaveLength(1)
  expect(await purchaseRows(sandbox)).toEqual([])
  expect(await sandbox.rows('echo', 'heard')).toEqual([])
})

test('acts at once are all counted', async () => {
  const sandbox = await anEcho()

  await Promise.all(Array.from({ length: 20 }, () => sandbox.control('POST', 'upstreams/google_play/purchases/t/renew')))

  expect(await purchaseRows(sandbox)).toMatchObject([{ renewals: 20 }])
})

test.each<[string, object, string]>([
  [
    'app_store/purchases/t/refund-request',
    { reason: 'FOO' },
    'UNINTENDED_PURCHASE, FULFILLMENT_ISSUE, UNSATISFIED_WITH_PURCHASE, LEGAL or OTHER',
  ],
  ['app_store/purchases/t/expire', { reason: 'FOO' }, 'VOLUNTARY, BILLING_RETRY, PRICE_INCREASE or PRODUCT_NOT_FOR_SALE'],
  ['google_play/purchases/t/refund', { quantity: 2 }, 'of 1 bought, 1 is left, and this is 2'],
])('the refusal of %s %j names the values', async (path, body, values) => {
  const sandbox = await anEcho()

  const reply = await sandbox.ask(`/_sandbox/upstreams/${path}`, { method: 'POST', body: JSON.stringify(body) })

  expect(await reply.text()).toContain(values)
})

test('what vendors send for a changed purchase goes out', async () => {
  const receiver = await aReceiver()
  const sandbox = await anEcho({ seedDocument: { echo: { hooks: [{ name: 'h', url: receiver.url }] } } })

  await sandbox.control('POST', 'upstreams/google_play/purchases/t/refund')

  const [call] = await receiver.got(1)
  expect(JSON.parse(String(call?.body))).toMatchObject({ event: 'purchase.changed', id: 't' })
})

test.each([
  ['PUT', 'upstreams/amazon', '{"reachable":true}', 404],
  ['GET', 'upstreams/amazon', undefined, 404],
  ['POST', 'upstreams/amazon/purchases/t/renew', undefined, 404],
  ['POST', 'upstreams/google_play/purchases/t/explode', undefined, 422],
  ['POST', 'upstreams/google_play/purchases/t/refund-reverse', undefined, 422],
  ['POST', 'upstreams/app_store/purchases/t/pause', '{"until":"2027-01-01T00:00:00Z"}', 422],
  ['POST', 'upstreams/google_play/purchases/t/pause', undefined, 422],
  ['POST', 'upstreams/google_play/purchases/t/renew', '{"until":"2027-01-01T00:00:00Z"}', 422],
  ['POST', 'upstreams/google_play/purchases/t/refund', '{"reason":9}', 422],
  ['POST', 'upstreams/google_play/purchases/t/refund', '{"quantity":2}', 422],
  ['POST', 'upstreams/app_store/purchases/t/refund-request', '{"reason":"FOO"}', 422],
  ['POST', 'upstreams/app_store/purchases/t/expire', '{"reason":"FOO"}', 422],
  ['POST', 'upstreams/samsung/purchases/t/expire', '{"reason":""}', 422],
  ['POST', 'upstreams/google_play/purchases/t/purchase', '{"token":"u"}', 422],
  ['POST', 'upstreams/google_play/purchases/t/refund', '{', 400],
  ['PUT', 'upstreams/samsung', '{}', 422],
  ['PUT', 'upstreams/samsung', '{"reachable":"no"}', 422],
  ['PUT', 'upstreams/samsung', '{"reachable":true,"slow":true}', 422],
  ['PUT', 'upstreams/samsung', '{', 400],
  ['DELETE', 'upstreams/samsung', undefined, 405],
  ['GET', 'upstreams/google_play/purchases/t/renew', undefined, 405],
])('%s %s %s is refused with %i', async (method, path, body, status) => {
  const sandbox = await anEcho()

  const reply = await sandbox.ask(`/_sandbox/${path}`, { method, ...(body !== undefined && { body }) })

  expect(reply.status).toBe(status)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  expect(await purchaseRows(sandbox)).toEqual([])
})
