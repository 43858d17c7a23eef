import { describe, expect, test } from 'vitest'
import { aStore, bearer, bundleId, monthly, tokenOf, type Loose, type TestStore } from './store.js'

const token = '1000000102184163'

async function send(
  store: TestStore,
  method: string,
  path: string,
  body: object,
  headers: Record<string, string> = bearer(),
): Promise<{ status: number; body: Loose }> {
  const reply = await store.ask(`/app_store${path}`, { method, body: JSON.stringify(body), headers })
  const text = await reply.text()
  return { status: reply.status, body: text === '' ? {} : JSON.parse(text) }
}

test('a repeated request to extend has the answer of the first one', async () => {
  const store = await aStore()
  await store.sell(token, monthly)
  const extend = (requestIdentifier: string, extendByDays: number) =>
    send(store, 'PUT', `/inApps/v1/subscriptions/extend/${token}`, { extendByDays, extendReasonCode: 1, requestIdentifier })
  const first = await extend('r1', 10)
  expect(first).toMatchObject({ status: 200, body: { effectiveDate: Date.parse('2026-02-11') } })
  await extend('r2', 5)

  expect(await extend('r1', 10)).toEqual(first)
  expect((await store.lastEntry())['outcome']).toBe('repeated')
})

describe('an identifier of a mass extension', () => {
  const mass = { productId: monthly.productId, extendByDays: 10, extendReasonCode: 1, requestIdentifier: 'mm' }
  const path = '/inApps/v1/subscriptions/extend/mass'
  const ends = async (store: TestStore) => (await store.rows('app_store', 'transactions')).map(({ expiresDate }) => expiresDate)

  test('is one of its app and environment', async () => {
    const store = await aStore()
    const other = { bundleId: 'com.example.other', appAppleId: 7 }
    await store.control('PUT', `tables/app_store/apps/${other.bundleId}`, other)
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: 'c0145107-0000-4000-8000-000000000001', iat: now, exp: now + 600, aud: 'appstoreconnect-v1' }
    const ofOther = { Authorization: `Bearer ${tokenOf({ ...claims, bid: other.bundleId })}` }
    await store.sell('1', monthly)
    await store.sell('2', { ...monthly, testPurchase: true })
    await store.sell('3', { ...monthly, app: other.bundleId })

    for (const [prefix, headers] of [
      ['', bearer()],
      ['/sandbox', bearer()],
      ['', ofOther],
    ] as const) {
      expect((await send(store, 'POST', `${prefix}${path}`, mass, headers)).status).toBe(200)
      expect((await store.lastEntry())['outcome']).toBe('accepted')
      const status = await store.ask(`/app_store${prefix}${path}/${monthly.productId}/mm`, { headers })
      expect(status.status).toBe(200)
    }

    expect(await ends(store)).toEqual(Array(3).fill('2026-02-11T00:00:00.000Z'))
    await send(store, 'POST', path, mass)
    expect((await store.lastEntry())['outcome']).toBe('repeated')
  })
})

describe('the first version of the consumption information', () => {
  const whole = {
    customerConsented: true,
    accountTenure: 0,
    appAccountToken: '',
    consumptionStatus: 0,
    deliveryStatus: 0,
    lifetimeDollarsPurchased: 0,
    lifetimeDollarsRefunded: 0,
    platform: 1,
    playTime: 0,
    sampleContentProvided: false,
    userStatus: 0,
  }
  const path = `/inApps/v1/transactions/consumption/${token}`

  test('needs every member except refundPreference', async () => {
    const store = await aStore()
    await store.sell(token)
    expect((await send(store, 'PUT', path, whole)).status).toBe(202)
    for (const name of Object.keys(whole)) {
      expect(await send(store, 'PUT', path, { ...whole, [name]: undefined })).toMatchObject({ status: 400 })
      expect(await store.lastEntry()).toMatchObject({ expected: [{ pointer: `/body/${name}` }] })
    }
    expect((await send(store, 'PUT', path, { ...whole, refundPreference: 4 })).body).toMatchObject({ errorCode: 4000044 })
  })
})

test('a product that is sold again is bought at that time', async () => {
  const store = await aStore()
  await store.sell(token)
  await store.advance('P1D')
  await store.act(token, 'refund')
  await store.advance('P1D')
  await store.sell(token, { priceMicros: 2_000_000 })

  expect(await store.rows('app_store', 'transactions')).toMatchObject([
    { transactionId: token, bundleId, purchaseDate: '2026-01-03T00:00:00.000Z', priceMilli: 2_000 },
  ])
  expect((await store.rows('app_store', 'transactions'))[0]).not.toHaveProperty('revokedAt')
})
