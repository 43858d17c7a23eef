import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { answerOf, aPlay, packageName, product, reasonOf, start, token, type Play } from './play.js'

const one = `purchases/products/gems.10/tokens/${token}`
const app = `/google_play/androidpublisher/v3/applications/${packageName}`
const bearer = { Authorization: 'Bearer ya29.sandbox' }

const aShop = () => aPlay({ purchases: [{ ...product, orderId: 'GPA.1', accountId: 'account-1' }] })

async function send(
  { sandbox }: Play,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body: Uint8Array | string },
) {
  return answerOf(sandbox, await sandbox.ask(`${app}/${path}`, { method: 'POST', headers: { ...bearer, ...headers }, body }))
}

test('a body that is compressed with gzip is read, as Google’s Java client sends each one', async () => {
  const play = await aShop()
  const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }

  const done = await send(play, `${one}:acknowledge`, { headers, body: gzipSync('{"developerPayload":"level 3"}') })
  expect([done.status, done.outcome]).toEqual([204, 'acknowledged'])
  expect(await play.row()).toMatchObject({ developerPayload: 'level 3' })
  expect((await send(play, `${one}:consume`, { headers, body: gzipSync('') })).status).toBe(204)
  const form = { grant_type: 'refresh_token', refresh_token: '1//sandbox', client_id: 'x' }
  const type = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Encoding': 'gzip' }
  const tokenReply = await play.sandbox.ask('/google_play/token', {
    method: 'POST',
    headers: type,
    body: gzipSync(new URLSearchParams(form).toString()),
  })
  expect(await tokenReply.json()).toEqual({ error: 'invalid_client', error_description: 'The OAuth client was not found.' })
})

test.each<[string, string, Uint8Array | string, string]>([
  ['that is not compressed', 'gzip', '{}', 'Content-Encoding is gzip, and the body is not'],
  ['of another compression', 'br', '{}', 'it came with Content-Encoding "br"'],
  ['of a huge size', 'gzip', gzipSync(Buffer.alloc(2_097_153)), 'it is larger than 2097152 bytes without gzip'],
  ['that holds no JSON', 'gzip', gzipSync('{'), 'The body cannot be read'],
])('a body %s under Content-Encoding %s is refused', async (_name, encoding, body, why) => {
  const play = await aShop()

  const refused = await send(play, `${one}:acknowledge`, { headers: { 'Content-Encoding': encoding }, body })

  expect([refused.status, reasonOf(refused)]).toEqual([400, 'parseError'])
  expect(refused.explanation).toContain(why)
})

test('a token may be named oauth_token in the query', async () => {
  const play = await aShop()
  const ask = async (query: string) => answerOf(play.sandbox, await play.sandbox.ask(`${app}/${one}?${query}`))

  expect((await ask('oauth_token=ya29.sandbox')).status).toBe(200)
  const wrong = await ask('oauth_token=guess')
  expect([wrong.status, wrong.expected.map((member) => member.pointer)]).toEqual([401, ['/query/oauth_token']])
})

const context = { deferralInfo: { expectedExpiryTimeMillis: 'x', desiredExpiryTimeMillis: 'x' } }
const unknown = 'tokens/unknown.token.of.twenty.and.more'

test.each<[string, object]>([
  [`purchases/products/gems.10/${unknown}:acknowledge`, { developerPayload: 1 }],
  [`purchases/subscriptions/club/${unknown}:acknowledge`, { developerPayload: 1 }],
  [`purchases/subscriptions/club/${unknown}:cancel`, { cancellationType: 'x' }],
  [`purchases/subscriptions/club/${unknown}:defer`, context],
  [`purchases/subscriptionsv2/${unknown}:cancel`, {}],
  ['orders/GPA.unknown:refund?revoke=x', {}],
  ['orders/GPA.unknown:reviewrefund', { sampleContentProvided: false, refundPreference: 'x' }],
])('%s with a wrong value is refused for it, also if what it is about is unknown', async (path, body) => {
  const play = await aPlay()

  const refused = await play.call(path, { method: 'POST', body })

  expect([refused.status, reasonOf(refused)]).toEqual([400, 'invalidArgument'])
})

test.each(['media', 'xml', 'proto', ''])('another form than JSON, alt=%s, is not modelled', async (alt) => {
  const play = await aShop()

  const refused = await play.call(`${one}?alt=${alt}`)

  expect([refused.status, reasonOf(refused), refused.outcome]).toEqual([404, 'notFound', 'not-modelled'])
  expect((await play.call(`${one}?alt=json&key=AIza&quotaUser=u&uploadType=x&$.xgafv=2`)).status).toBe(200)
})

test.each<[string, unknown]>([
  ['kind', { kind: 'androidpublisher#productPurchaseV2' }],
  ['orderId,kind', { kind: 'androidpublisher#productPurchaseV2', orderId: 'GPA.1' }],
  ['productLineItem/productId', { productLineItem: [{ productId: 'gems.10' }] }],
  [
    'productLineItem(productId,productOfferDetails/quantity)',
    { productLineItem: [{ productId: 'gems.10', productOfferDetails: { quantity: 1 } }] },
  ],
  ['productLineItem.productOfferDetails(quantity)', { productLineItem: [{ productOfferDetails: { quantity: 1 } }] }],
  [
    'productLineItem/productId,productLineItem/productOfferDetails/quantity',
    { productLineItem: [{ productId: 'gems.10', productOfferDetails: { quantity: 1 } }] },
  ],
  ['purchaseStateContext,purchaseStateContext/none', { purchaseStateContext: { purchaseState: 'PURCHASED' } }],
  ['productLineItem/*/quantity', { productLineItem: [{ productId: 'gems.10', productOfferDetails: { quantity: 1 } }] }],
  ['none', {}],
])('fields=%s answers these members alone', async (fields, body) => {
  const play = await aShop()

  const answer = await play.call(`purchases/productsv2/tokens/${token}?fields=${encodeURIComponent(fields)}`)

  expect([answer.status, answer.body]).toEqual([200, body])
})

test.each(['', 'x'.repeat(2001), 'a,', 'a(', 'a(b', 'a)b', 'a//b', '(a)', 'a b', 'a(b))', '/a'])(
  'fields=%j is malformed',
  async (fields) => {
    const play = await aShop()

    const refused = await play.call(`${one}?fields=${encodeURIComponent(fields)}`)

    expect([refused.status, reasonOf(refused)]).toEqual([400, 'invalidArgument'])
    expect(refused.body['error']).toMatchObject({ message: `Invalid field selection ${fields}` })
    expect(refused.expected.map((member) => member.pointer)).toEqual(['/query/fields'])
  },
)

test('prettyPrint indents answers and errors, and changes nothing else', async () => {
  const play = await aShop()

  const compact = await play.call(`${one}?prettyPrint=false`)
  const pretty = await play.call(`${one}?prettyPrint=true`)
  expect([compact.text.includes('\n'), pretty.text.includes('\n  "kind"')]).toEqual([false, true])
  expect(pretty.body).toEqual(compact.body)
  expect((await play.call(`${one}x?prettyPrint=true`)).text).toContain('\n  "error"')
  expect((await play.call(`${one}:acknowledge?prettyPrint=true&fields=kind`, { method: 'POST' })).text).toBe('')
})

test('a list of orders that is too long for a URL comes as a POST, as Google’s Python client sends it', async () => {
  const play = await aShop()
  await play.call(one)
  const ids = Array.from({ length: 1000 }, (_, at) => `GPA.${at}`)
  const body = `${ids.map((id) => `orderIds=${id}`).join('&')}&alt=json&fields=orders%2ForderId`
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' }

  const listed = await send(play, 'orders:batchGet', { headers: { ...type, 'X-HTTP-Method-Override': 'GET' }, body })
  expect([listed.status, listed.body]).toEqual([200, { orders: [{ orderId: 'GPA.1' }] }])
  const plain = await send(play, 'orders:batchGet', { headers: type, body })
  expect([plain.status, reasonOf(plain)]).toEqual([404, 'notFound'])
  expect(plain.expected.map((member) => member.pointer)).toEqual(['/headers/x-http-method-override'])
  const many = await send(play, 'orders:batchGet', { headers: { 'X-HTTP-Method-Override': 'get' }, body: `${body}&orderIds=GPA.x` })
  expect([many.status, reasonOf(many)]).toEqual([400, 'invalidArgument'])
  expect((await send(play, `${one}:acknowledge`, { headers: { 'X-HTTP-Method-Override': 'POST' }, body: '' })).status).toBe(204)
  expect(await play.row()).toMatchObject({ acknowledgedAt: start })
})
