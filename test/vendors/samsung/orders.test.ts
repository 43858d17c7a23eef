import { expect, test } from 'vitest'
import type { TestSandbox } from '../../support/sandbox.js'
import { act, advance, ask, aStore, mint, mintSubscription, receipt } from './requests.js'

const sellerSeq = '000000000001'
const list = (sandbox: TestSandbox, body: object) => ask(sandbox, 'POST', '/iap/seller/orders', { body: { sellerSeq, ...body } })
const ordersIn = ({ body }: { body: Record<string, unknown> }) => body['orderItemList'] as Record<string, string>[]

test('orders of a day are payments and refunds, with text in every member', async () => {
  const sandbox = await aStore()
  const item = await mint(sandbox, { priceMicros: 4_990_000 })
  const subscription = await mintSubscription(sandbox, { trial: true })
  await receipt(sandbox, item.purchaseId)
  await advance(sandbox, 'P2D')
  await act(sandbox, item.purchaseId, 'refund')

  const bought = ordersIn(await list(sandbox, { requestDate: '20260101' }))
  const refunded = ordersIn(await list(sandbox, { requestDate: '20260103' }))

  expect(bought).toMatchObject([
    {
      orderId: item.orderId,
      purchaseId: item.purchaseId,
      itemId: 'gems.10',
      localPrice: '4.99',
      usdPrice: '4.99',
      localCurrencyCode: 'USD',
    },
    { orderId: subscription.orderId, subscriptionOrderId: subscription.orderId, freeTrialYN: 'Y', localPrice: '0.00', status: '2' },
  ])
  expect(refunded).toMatchObject([{ orderId: item.orderId, status: '3', refundTime: '2026-01-03 00:00:00' }])
  expect(new Set(bought.flatMap(Object.values).map((value) => typeof value))).toEqual(new Set(['string']))
})

test('without a date they are of yesterday, and a page has 100 of them', async () => {
  const sandbox = await aStore()
  for (let count = 0; count < 101; count++) await mint(sandbox)
  const today = await list(sandbox, {})
  await advance(sandbox, 'P1D')

  const first = await list(sandbox, {})
  const second = await list(sandbox, { continuationToken: first.body['continuationToken'] })

  expect(ordersIn(today)).toEqual([])
  expect([ordersIn(first).length, first.body['continuationToken']]).toEqual([100, expect.any(String)])
  expect([ordersIn(second).length, second.body['continuationToken']]).toEqual([1, null])
  expect(new Set([...ordersIn(first), ...ordersIn(second)].map(({ purchaseId }) => purchaseId)).size).toBe(101)
})

test('a seller sees its own packages alone', async () => {
  const sandbox = await aStore()
  await sandbox.control('PUT', 'tables/samsung/apps/com.foreign.game', { packageName: 'com.foreign.game', sellerSeq: '000000000002' })
  await mint(sandbox, { app: 'com.foreign.game' })
  await mint(sandbox)

  expect(ordersIn(await list(sandbox, { requestDate: '20260101' }))).toMatchObject([{ packageName: 'com.example.game' }])
  expect((await list(sandbox, { packageName: 'com.foreign.game' })).body['code']).toBe('SLR_4006')
  expect((await list(sandbox, { sellerSeq: '000000000002' })).body['code']).toBe('SLR_4006')
})

test.each([
  ['no seller', { sellerSeq: undefined }, '/body/sellerSeq'],
  ['a seller of another form', { sellerSeq: '1' }, '/body/sellerSeq'],
  ['a day that no calendar has', { requestDate: '20260231' }, '/body/requestDate'],
  ['a date of another form', { requestDate: '2026-01-01' }, '/body/requestDate'],
  ['a package that is no text', { packageName: 7 }, '/body/packageName'],
  ['a token that was not given', { continuationToken: 'abc' }, '/body/continuationToken'],
])('orders are refused with %s', async (_what, body, pointer) => {
  const { status, body: sent, entry } = await list(await aStore(), body)

  expect([status, sent['code'], entry.expected.map((member) => member.pointer)]).toEqual([400, '106', [pointer]])
})
