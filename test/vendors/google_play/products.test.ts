import { expect, test } from 'vitest'
import { aPlay, packageName, product, reasonOf, start, subscription, token } from './play.js'

const one = `purchases/products/gems.10/tokens/${token}`
const v2 = `purchases/productsv2/tokens/${token}`

test('an ordinary purchase has the documented members in both versions', async () => {
  const play = await aPlay({ purchases: [{ ...product, orderId: 'GPA.3300-1234-5678-90123' }] })

  const first = await play.call(one)
  expect(first).toMatchObject({ status: 200, outcome: 'found', verdict: 'accepted' })
  expect(first.headers.get('content-type')).toBe('application/json; charset=UTF-8')
  expect(first.body).toEqual({
    kind: 'androidpublisher#productPurchase',
    purchaseTimeMillis: '1767225600000',
    purchaseState: 0,
    consumptionState: 0,
    developerPayload: '',
    orderId: 'GPA.3300-1234-5678-90123',
    acknowledgementState: 0,
    regionCode: 'US',
    refundableQuantity: 1,
  })
  expect((await play.call(v2)).body).toEqual({
    kind: 'androidpublisher#productPurchaseV2',
    productLineItem: [
      {
        productId: 'gems.10',
        productOfferDetails: { quantity: 1, refundableQuantity: 1, consumptionState: 'CONSUMPTION_STATE_YET_TO_BE_CONSUMED' },
      },
    ],
    purchaseStateContext: { purchaseState: 'PURCHASED' },
    orderId: 'GPA.3300-1234-5678-90123',
    purchaseCompletionTime: start,
    regionCode: 'US',
    acknowledgementState: 'ACKNOWLEDGEMENT_STATE_PENDING',
  })
})

test('what the row says shows: tester, quantity, account, country, payload', async () => {
  const row = {
    ...product,
    testPurchase: true,
    quantity: 3,
    accountId: 'a1',
    profileId: 'p1',
    countryCode: 'KR',
    developerPayload: 'x',
    offerId: 'sale',
  }
  const play = await aPlay({ purchases: [row] })

  expect((await play.call(one)).body).toMatchObject({
    purchaseType: 0,
    quantity: 3,
    refundableQuantity: 3,
    obfuscatedExternalAccountId: 'a1',
    obfuscatedExternalProfileId: 'p1',
    regionCode: 'KR',
    developerPayload: 'x',
  })
  expect((await play.call(v2)).body).toMatchObject({
    testPurchaseContext: { fopType: 'TEST' },
    obfuscatedExternalAccountId: 'a1',
    productLineItem: [{ productOfferDetails: { offerId: 'sale', quantity: 3 } }],
  })
})

test('a pending purchase has no order, and cannot be acknowledged or consumed until it is paid', async () => {
  const play = await aPlay({ purchases: [{ ...product, pending: true }] })

  const pending = (await play.call(one)).body
  expect(pending).toMatchObject({ purchaseState: 2 })
  expect(pending).not.toHaveProperty('orderId')
  expect((await play.call(v2)).body).toMatchObject({ purchaseStateContext: { purchaseState: 'PENDING' } })
  for (const verb of ['acknowledge', 'consume']) {
    const refused = await play.call(`${one}:${verb}`, { method: 'POST' })
    expect([refused.status, reasonOf(refused)]).toEqual([400, 'invalidPurchaseState'])
  }

  await play.act('complete')
  expect((await play.call(one)).body).toMatchObject({ purchaseState: 0, orderId: expect.stringMatching(/^GPA\.\d{4}-\d{4}-\d{4}-\d{5}$/) })
})

test('a pending purchase that is given up is cancelled', async () => {
  const play = await aPlay({ purchases: [{ ...product, pending: true }] })

  await play.act('abandon')

  expect((await play.call(one)).body).toMatchObject({ purchaseState: 1 })
})

test('an acknowledgement is kept in the row of the store, and a second one changes its payload alone', async () => {
  const play = await aPlay({ purchases: [product] })

  const done = await play.call(`${one}:acknowledge`, { method: 'POST', body: { developerPayload: 'level 3' } })
  expect([done.status, done.body, done.outcome]).toEqual([204, {}, 'acknowledged'])
  expect(await play.row()).toMatchObject({ acknowledgedAt: start, developerPayload: 'level 3' })

  await play.advance('PT1H')
  const again = await play.call(`${one}:acknowledge`, { method: 'POST', body: '' })
  expect([again.status, again.verdict]).toEqual([204, 'repeated'])
  expect((await play.call(one)).body).toMatchObject({ acknowledgementState: 1, developerPayload: 'level 3', consumptionState: 0 })
  const other = await play.call(`${one}:acknowledge`, { method: 'POST', body: { developerPayload: 'level 4' } })
  expect([other.status, other.outcome, other.explanation]).toEqual([
    204,
    'already-acknowledged',
    expect.stringContaining('"level 4" replaces'),
  ])
  expect(await play.row()).toMatchObject({ acknowledgedAt: start, developerPayload: 'level 4' })
})

test('consuming acknowledges as well, and works once', async () => {
  const play = await aPlay({ purchases: [product] })

  expect((await play.call(`${one}:consume`, { method: 'POST' })).status).toBe(204)
  expect((await play.call(one)).body).toMatchObject({ acknowledgementState: 1, consumptionState: 1 })
  expect((await play.call(v2)).body).toMatchObject({
    productLineItem: [{ productOfferDetails: { consumptionState: 'CONSUMPTION_STATE_CONSUMED' } }],
  })
  const again = await play.call(`${one}:consume`, { method: 'POST' })
  expect([again.status, reasonOf(again)]).toEqual([400, 'productNotOwnedByUser'])
})

test('a refund in the store voids the purchase, which cannot be acknowledged or consumed then', async () => {
  const play = await aPlay({ purchases: [product] })

  await play.act('refund', { reason: 5 })

  expect((await play.call(one)).body).toMatchObject({ purchaseState: 1, refundableQuantity: 0 })
  expect((await play.call(v2)).body).toMatchObject({ purchaseStateContext: { purchaseState: 'CANCELLED' } })
  expect(reasonOf(await play.call(`${one}:acknowledge`, { method: 'POST' }))).toBe('invalidPurchaseState')
  expect(reasonOf(await play.call(`${one}:consume`, { method: 'POST' }))).toBe('productNotOwnedByUser')
})

test('a refund of some pieces leaves the rest', async () => {
  const play = await aPlay({ purchases: [{ ...product, quantity: 3 }] })

  await play.act('refund', { quantity: 1 })

  expect((await play.call(one)).body).toMatchObject({ purchaseState: 0, quantity: 3, refundableQuantity: 2 })
})

test.each([
  ['another product', 'purchases/products/gems.20/tokens/', product, 400, 'purchaseTokenDoesNotMatchProductId'],
  ['a subscription', 'purchases/products/club.monthly/tokens/', subscription, 400, 'purchaseTokenDoesNotMatchProductId'],
  ['a subscription, in version 2', 'purchases/productsv2/tokens/', subscription, 404, 'purchaseTokenNotFound'],
  ['another package', 'purchases/products/gems.10/tokens/', { ...product, app: 'com.other' }, 400, 'purchaseTokenDoesNotMatchPackageName'],
  ['no purchase', 'purchases/products/gems.10/tokens/', { ...product, token: 'another' }, 404, 'purchaseTokenNotFound'],
  ['a forgotten purchase', 'purchases/products/gems.10/tokens/', { ...product, known: false }, 404, 'purchaseTokenNotFound'],
  ['a superseded purchase', 'purchases/products/gems.10/tokens/', { ...product, superseded: true }, 410, 'purchaseTokenNoLongerValid'],
  ['a product, as a subscription', 'purchases/subscriptions/gems.10/tokens/', product, 400, 'purchaseTokenDoesNotMatchSubscriptionId'],
  ['a product, as a subscription of version 2', 'purchases/subscriptionsv2/tokens/', product, 404, 'purchaseTokenNotFound'],
])('a token of %s is refused, and nothing is written', async (_name, path, row, status, reason) => {
  const play = await aPlay({ purchases: [row] })

  const refused = await play.call(path + token)

  expect([refused.status, reasonOf(refused), refused.verdict]).toEqual([status, reason, 'refused'])
  expect(refused.explanation.length).toBeGreaterThan(20)
  expect(await play.sandbox.rows('google_play', 'orders')).toEqual([])
})

test('a purchase without app and product fits any, as everywhere in the sandbox', async () => {
  const play = await aPlay({ purchases: [{ token }] })

  expect((await play.call(`purchases/products/any/tokens/${token}`)).status).toBe(200)
})

test('with unknownTokens ordinary, any well-formed token is a paid purchase of what is asked about, from then on', async () => {
  const play = await aPlay({ app: { unknownTokens: 'ordinary' } })

  expect((await play.call(one)).body).toMatchObject({ purchaseState: 0, purchaseTimeMillis: '1767225600000' })
  expect(await play.row()).toMatchObject({ app: packageName, productId: 'gems.10', type: 'product', purchasedAt: start })
  expect((await play.call('purchases/products/gems.10/tokens/short')).status).toBe(400)
})

test('the unprefixed path and the hosts of Google answer the same', async () => {
  const play = await aPlay({ purchases: [product] })
  const path = `/androidpublisher/v3/applications/${packageName}/${one}`
  const headers = { Authorization: 'Bearer ya29.sandbox' }

  for (const origin of ['', 'https://androidpublisher.googleapis.com', 'https://www.googleapis.com'])
    expect((await play.sandbox.ask(origin + path, { headers })).status, origin).toBe(200)
})

test('a store that is unreachable does not answer', async () => {
  const play = await aPlay({ purchases: [product] })
  await play.sandbox.control('PUT', 'upstreams/google_play', { reachable: false })

  const refused = await play.call(one)

  expect([refused.status, reasonOf(refused)]).toEqual([503, 'backendError'])
})
