import { expect, test } from 'vitest'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'
import { packageName, playOf } from './play.js'

interface Minted {
  purchaseData: string
  signature: string
  purchaseToken: string
  orderId: string
  registered: boolean
  warnings: string[]
}

const mint = async (sandbox: TestSandbox, more: object = {}) =>
  (await sandbox.control('POST', 'receipts/google_play', { packageName, productId: 'gems.10', ...more })) as Minted

test('a minted purchase is known to the store and to its API', async () => {
  const play = playOf(await aSandbox())

  const minted = await mint(play.sandbox, {
    purchaseTime: 1_767_225_600_000,
    quantity: 2,
    accountId: 'a1',
    priceMicros: 500_000,
    customer: 'ann',
  })

  expect(minted).toMatchObject({ registered: true, orderId: expect.stringMatching(/^GPA\./), purchaseToken: expect.any(String) })
  expect(JSON.parse(minted.purchaseData)).toMatchObject({ purchaseToken: minted.purchaseToken, obfuscatedAccountId: 'a1' })
  expect(JSON.parse(minted.purchaseData)).not.toHaveProperty('customer')
  expect(await play.row(minted.purchaseToken)).toEqual({
    store: 'google_play',
    token: minted.purchaseToken,
    app: packageName,
    productId: 'gems.10',
    type: 'product',
    purchasedAt: '2026-01-01T00:00:00.000Z',
    orderId: minted.orderId,
    quantity: 2,
    accountId: 'a1',
    priceMicros: 500_000,
    customer: 'ann',
  })
  const { body } = await play.call(`purchases/products/gems.10/tokens/${minted.purchaseToken}`)
  expect(body).toMatchObject({
    orderId: minted.orderId,
    purchaseTimeMillis: '1767225600000',
    quantity: 2,
    obfuscatedExternalAccountId: 'a1',
  })
})

test('a minted subscription is one for the API, with its period', async () => {
  const play = playOf(await aSandbox())

  const { purchaseToken, purchaseData } = await mint(play.sandbox, { productId: 'club.yearly', period: 'P1Y' })

  expect(JSON.parse(purchaseData)).toMatchObject({ autoRenewing: true })
  expect((await play.call(`purchases/subscriptionsv2/tokens/${purchaseToken}`)).body).toMatchObject({
    subscriptionState: 'SUBSCRIPTION_STATE_ACTIVE',
    lineItems: [{ offerDetails: { basePlanId: 'yearly' } }],
  })
})

test('a pending purchase is pending in the store, and paid when it is minted again', async () => {
  const play = playOf(await aSandbox())
  const { purchaseToken } = await mint(play.sandbox, { purchaseState: 4 })
  expect((await play.call(`purchases/products/gems.10/tokens/${purchaseToken}`)).body).toMatchObject({ purchaseState: 2 })

  await mint(play.sandbox, { purchaseToken, purchaseState: 0 })

  expect((await play.call(`purchases/products/gems.10/tokens/${purchaseToken}`)).body).toMatchObject({ purchaseState: 0 })
})

test.each([
  [1, {}, 'purchases/products/gems.10', { purchaseState: 1 }],
  [2, {}, 'purchases/products/gems.10', { purchaseState: 1 }],
  [1, { period: 'P1M' }, 'purchases/subscriptionsv2', { subscriptionState: 'SUBSCRIPTION_STATE_CANCELED' }],
  [2, { period: 'P1M' }, 'purchases/subscriptionsv2', { subscriptionState: 'SUBSCRIPTION_STATE_EXPIRED' }],
])('a purchase minted in state %i with %j is in that state in the store', async (purchaseState, more, path, state) => {
  const play = playOf(await aSandbox())
  const { purchaseToken } = await mint(play.sandbox, { purchaseState, ...more })
  expect((await play.call(`${path}/tokens/${purchaseToken}`)).body).toMatchObject(state)
})

test.each([
  [{ purchaseState: 7 }, '/purchaseState'],
  [{ quantity: 0 }, '/quantity'],
  [{ quantity: -3 }, '/quantity'],
  [{ quantity: 0.5 }, '/quantity'],
  [{ productId: '' }, '/productId'],
  [{ productIds: ['gems.10', ''] }, '/productIds/1'],
  [{ productIds: [] }, '/productIds'],
  [{ purchaseTime: 1e18 }, '/purchaseTime'],
  [{ purchaseTime: -1 }, '/purchaseTime'],
  [{ purchaseToken: '' }, '/purchaseToken'],
])('a purchase with %j is refused, because no store has such a one', async (more, path) => {
  const sandbox = await aSandbox()
  const body = JSON.stringify({ packageName, productId: 'gems.10', ...more })
  const reply = await sandbox.ask('/_sandbox/receipts/google_play', { method: 'POST', body })
  expect([reply.status, await reply.json()]).toMatchObject([422, { errors: expect.arrayContaining([expect.objectContaining({ path })]) }])
  expect(await sandbox.rows('marketplace', 'purchases')).toEqual([])
})

test('an unknown field is signed, and a warning names the one that it may stand for', async () => {
  const sandbox = await aSandbox()
  const { purchaseData, warnings } = await mint(sandbox, { productid: 'b', trial: true })
  expect(JSON.parse(purchaseData)).toMatchObject({ productId: 'gems.10', productid: 'b', trial: true })
  expect(warnings).toEqual([
    '"productid" is not a known field of purchase data. It was signed as it is. Did you mean productId?',
    '"trial" is not a known field of purchase data. It was signed as it is.',
  ])
})

test('a purchase is not registered if that is not wanted, or if no store has such a one', async () => {
  const { sandbox } = playOf(await aSandbox())

  expect(await mint(sandbox, { register: false })).toMatchObject({ registered: false })
  expect(await mint(sandbox, { quantity: null, purchaseToken: 'x' })).toMatchObject({ registered: true })
  expect(await mint(sandbox, { purchaseToken: null })).toMatchObject({ registered: false, purchaseToken: null })
  expect(await mint(sandbox, { orderId: '', purchaseToken: 'y' })).toMatchObject({ registered: true, orderId: '' })
  expect((await sandbox.rows('marketplace', 'purchases')).map(({ token }) => token)).toEqual(['x', 'y'])
})

test.each(['signature', 'data', 'key'])(
  'with a tampered %s the store sold it nevertheless; with a tampered token it did not',
  async (tamper) => {
    const play = playOf(await aSandbox())

    const known = await mint(play.sandbox, { tamper })
    const unknown = await mint(play.sandbox, { tamper: 'token' })

    expect((await play.call(`purchases/products/gems.10/tokens/${known.purchaseToken}`)).status).toBe(200)
    expect((await play.call(`purchases/products/gems.10/tokens/${unknown.purchaseToken}`)).status).toBe(404)
  },
)

test('a wrong period is refused', async () => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask('/_sandbox/receipts/google_play', {
    method: 'POST',
    body: JSON.stringify({ packageName, productId: 'club', period: 'monthly' }),
  })

  expect(reply.status).toBe(422)
})

test('the request that presents a minted purchase asks about it, and a notification is read', async () => {
  const sandbox = await aSandbox()
  for (const [more, path, name, oneTime] of [
    [{}, 'products/gems.10', 'ONE_TIME_PRODUCT_PURCHASED (1)', true],
    [{ subscription: true }, 'subscriptionsv2', 'SUBSCRIPTION_RECOVERED (1)', false],
  ] as const) {
    const members = { packageName, productId: 'gems.10', ...more }
    const receipt = (await sandbox.control('POST', 'receipts/google_play', members)) as Minted
    const { requests } = (await sandbox.control('POST', 'receipts/requests', { store: 'google_play', members, receipt })) as {
      requests: Record<string, string>[]
    }
    const asked = { purchaseToken: receipt.purchaseToken, notificationType: 1, oneTime, send: false }
    const { body } = (await sandbox.control('POST', 'vendors/google_play/notifications', asked)) as { body: { message: { data: string } } }

    expect(requests.find(({ vendor }) => vendor === 'google_play')).toMatchObject({
      method: 'GET',
      path: `/androidpublisher/v3/applications/${packageName}/purchases/${path}/tokens/${receipt.purchaseToken}`,
    })
    for (const text of [JSON.stringify(body), Buffer.from(body.message.data, 'base64').toString()]) {
      expect(await sandbox.control('POST', 'receipts/inspect', { receipt: text })).toMatchObject({
        format: 'google_play notification',
        claims: { packageName },
        checks: [
          { name: 'parse', ok: true, detail: expect.stringContaining(name) },
          { name: 'app', ok: true },
          { name: 'store', ok: true },
        ],
      })
    }
  }
})

test('a notification about nothing that is known is read', async () => {
  const sandbox = await aSandbox()
  const content = {
    version: '1.0',
    packageName: 'com.other',
    testNotification: { version: '1.0' },
    oneTimeProductNotification: { purchaseToken: 'x' },
  }
  expect(await sandbox.control('POST', 'receipts/inspect', { receipt: content })).toMatchObject({
    checks: [
      { ok: true, detail: expect.stringContaining('unknown type absent') },
      { name: 'app', ok: false },
      { name: 'store', ok: false },
    ],
  })
  const broken = { message: { data: 'e30' } }
  expect(await sandbox.control('POST', 'receipts/inspect', { receipt: broken })).toMatchObject({ checks: [{ name: 'parse', ok: false }] })
})
