import { createPrivateKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { aReceiver } from '../../support/receiver.js'
import { accountId, act, app, aStore, ask, jwt, mint, mintSubscription, start } from './requests.js'

const claimsOf = (text: string) => JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>
type Sandbox = Awaited<ReturnType<typeof aStore>>
const statusOf = async (sandbox: Sandbox, path: string, body?: object) =>
  (await sandbox.ask(`/_sandbox/vendors/samsung/${path}`, { method: 'POST', ...(body && { body: JSON.stringify(body) }) })).status
const notify = async (sandbox: Sandbox, body: object) =>
  (await sandbox.control('POST', 'vendors/samsung/notifications', body)) as { notification: string; deliveryId?: string }

describe('the test notification', () => {
  test('is sent to the app and names seller and content', async () => {
    const sandbox = await aStore()
    const server = await aReceiver()
    await sandbox.control('PUT', 'tables/samsung/apps/com.example.game', { ...app, isn: { url: server.url } })

    const { id } = (await sandbox.control('POST', 'vendors/samsung/apps/com.example.game/test-notification')) as { id: string }
    const [call] = await server.got(1)

    expect(id).toMatch(/^d-/)
    expect(claimsOf(call!.body.toString())).toMatchObject({ sub: 'TEST', data: { sellerName: 'Sandbox', contentName: 'Example Game' } })
  })

  test('is sent at once after another one failed', async () => {
    const sandbox = await aStore()
    let status = 500
    const server = await aReceiver((_call, response) => void response.writeHead(status).end())
    await sandbox.control('PUT', 'tables/samsung/apps/com.example.game', { ...app, isn: { url: server.url } })
    await sandbox.control('POST', 'vendors/samsung/apps/com.example.game/test-notification')
    await server.got(1)
    status = 200
    await sandbox.control('POST', 'vendors/samsung/apps/com.example.game/test-notification')
    await sandbox.control('POST', 'clock/advance', { ms: 0 })
    expect(server.calls).toHaveLength(2)
  })

  test('needs an app with a URL, and its seller', async () => {
    const sandbox = await aStore()

    expect(await statusOf(sandbox, 'apps/com.example.game/test-notification')).toBe(409)
    expect(await statusOf(sandbox, 'apps/com.unknown/test-notification')).toBe(404)
    await sandbox.control('PUT', 'tables/samsung/apps/com.example.game', {
      ...app,
      sellerSeq: '000000000009',
      isn: { url: 'http://127.0.0.1:9' },
    })
    expect(await statusOf(sandbox, 'apps/com.example.game/test-notification')).toBe(404)
    expect((await sandbox.ask('/_sandbox/vendors/samsung/sellers/000000000009/iap-key.pem')).status).toBe(404)
  })
})

describe('a notification on request', () => {
  test('is by default that of the purchase, and is made without being sent', async () => {
    const sandbox = await aStore()
    const item = await mint(sandbox)
    const subscription = await mintSubscription(sandbox)

    const made = [
      await notify(sandbox, { purchaseId: item.purchaseId, send: false }),
      await notify(sandbox, { purchaseId: subscription.purchaseId, type: 'ARS_PRICECHANGE_AGREED' }),
    ]

    expect(made.map(({ notification }) => claimsOf(notification)['sub'])).toEqual(['ITEM_PURCHASED', 'ARS_PRICECHANGE_AGREED'])
    expect(made.map(({ deliveryId }) => deliveryId)).toEqual([undefined, undefined])
    expect(await sandbox.control('GET', 'webhooks')).toMatchObject({ deliveries: [] })
  })

  test('is sent if the app has a URL', async () => {
    const sandbox = await aStore()
    const server = await aReceiver()
    await sandbox.control('PUT', 'tables/samsung/apps/com.example.game', { ...app, isn: { url: server.url } })
    const { purchaseId } = await mintSubscription(sandbox)

    const { notification, deliveryId } = await notify(sandbox, { purchaseId, type: 'ARS_RENEWED' })

    expect(deliveryId).toMatch(/^d-/)
    expect((await server.got(1))[0]!.body.toString()).toBe(notification)
  })

  test.each([
    ['an event of subscriptions for an item', 'ARS_RENEWED'],
    ['an unknown event', 'ITEM_EATEN'],
    ['the test notification', 'TEST'],
  ])('is refused with 422 for %s', async (_what, type) => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)

    expect(await statusOf(sandbox, 'notifications', { purchaseId, type })).toBe(422)
  })

  test('is refused with the events that the purchase can have', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mintSubscription(sandbox)

    const path = '/_sandbox/vendors/samsung/notifications'
    const reply = await sandbox.ask(path, { method: 'POST', body: JSON.stringify({ purchaseId, type: 'ITEM_PURCHASED' }) })

    expect(await reply.text()).toContain('ORDER_HISTORY_DELETED')
    expect(await notify(sandbox, { purchaseId, type: 'ORDER_HISTORY_DELETED' })).toMatchObject({ notification: expect.any(String) })
  })

  test('is 404 for an unknown purchase, and for a purchase of an app that is in no row', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox, { app: 'com.unknown' })

    expect(await statusOf(sandbox, 'notifications', { purchaseId: 'f'.repeat(64) })).toBe(404)
    expect(await statusOf(sandbox, 'notifications', { purchaseId })).toBe(404)
  })
})

describe('inspect', () => {
  const inspect = async (sandbox: Sandbox, receipt: unknown) =>
    (await sandbox.control('POST', 'receipts/inspect', { receipt })) as {
      format: string
      claims: Record<string, unknown>
      checks: { name: string; ok: boolean | null; detail: string }[]
      vendors: object[]
    }
  const failed = ({ checks }: Awaited<ReturnType<typeof inspect>>) => checks.filter(({ ok }) => ok !== true).map(({ name }) => name)

  test('reads a notification: claims, signature, app and purchase', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)
    const { notification } = await notify(sandbox, { purchaseId, send: false })

    const inspected = await inspect(sandbox, notification)

    expect(inspected).toMatchObject({ format: 'samsung notification', claims: { sub: 'ITEM_PURCHASED' }, vendors: [] })
    expect(inspected.checks.map(({ name }) => name)).toEqual(['parse', 'signature', 'app', 'store'])
    expect(failed(inspected)).toEqual([])
  })

  test('says what a changed notification fails', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)
    const { notification } = await notify(sandbox, { purchaseId, send: false })
    const [head, payload, signature] = notification.split('.') as [string, string, string]
    const changed = (change: object) =>
      [head, Buffer.from(JSON.stringify({ ...claimsOf(`.${payload}.`), ...change })).toString('base64url'), signature].join('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')

    expect(failed(await inspect(sandbox, changed({ version: '3.0' })))).toEqual(['signature'])
    expect(failed(await inspect(sandbox, changed({ aud: ['com.unknown'] })))).toEqual(['signature', 'app'])
    expect(failed(await inspect(sandbox, changed({ data: { purchaseId: 'f'.repeat(64) } })))).toEqual(['signature', 'store'])
    expect(failed(await inspect(sandbox, `${none}.${payload}.${signature}`))).toEqual(['signature'])
    expect(failed(await inspect(sandbox, changed({ aud: 7, data: null, sub: undefined })))).toEqual(['signature', 'app'])
    expect((await inspect(sandbox, changed({ iss: 'someone' }))).format).not.toBe('samsung notification')
  })

  test('gives the reply of the receipt call to a purchase in a Unity container, and to its contents', async () => {
    const sandbox = await aStore()
    const { purchaseId, unityReceipt } = (await mint(sandbox)) as { purchaseId: string; unityReceipt?: string }
    const answer = async () => (await inspect(sandbox, unityReceipt)).vendors
    const outer = { vendor: 'samsung', answer: 'fail 9153 invalid purchaseID' }

    expect(await answer()).toContainEqual({ ...outer, unwrapped: 'its contents, unwrapped, would be success' })
    await act(sandbox, purchaseId, 'refund')
    expect(await answer()).toContainEqual({ ...outer, unwrapped: 'its contents, unwrapped, would be cancel' })
    await sandbox.control('PUT', 'upstreams/samsung', { reachable: false })
    expect(await answer()).toContainEqual({ vendor: 'samsung', answer: '503' })
  })
})

test('the key of the service account is given out, and its JWT is accepted', async () => {
  const sandbox = await aStore()
  const key = createPrivateKey(await (await sandbox.ask('/_sandbox/vendors/samsung/key')).text())
  const iat = new Date(start).getTime() / 1000
  const token = jwt({ iss: accountId, scopes: ['publishing'], iat, exp: iat + 60 }, { key })

  expect((await ask(sandbox, 'POST', '/auth/accessToken', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
})

test('a minted purchase is presented by the receipt call, which is a GET', async () => {
  const sandbox = await aStore()
  const minted = await mint(sandbox)

  const { requests } = (await sandbox.control('POST', 'receipts/requests', { store: 'samsung', members: {}, receipt: minted })) as {
    requests: { vendor: string; method?: string; path: string }[]
  }
  const own = requests.find(({ vendor }) => vendor === 'samsung')!

  expect(own).toEqual({ vendor: 'samsung', method: 'GET', path: `/iap/v6/receipt?purchaseID=${minted.purchaseId}`, headers: {}, body: '' })
  expect(await (await sandbox.ask(`/samsung${own.path}`)).json()).toMatchObject({ status: 'success' })
})

test.each(['com.ci.game', 'com%2Eci.g%61me'])('a workspace is chosen by the package in the path, sent as %s', async (sent) => {
  const sandbox = await aStore()
  await sandbox.control('PUT', 'workspaces/ci-7', { credentials: [{ vendor: 'samsung', value: 'com.ci.game' }] })

  const path = `/samsung/iap/v6/applications/${sent}/purchases/${'a'.repeat(64)}`
  await sandbox.ask(path, { method: 'PATCH', body: '{}' })

  const { entries } = (await (await sandbox.ask('/@ci-7/_sandbox/traffic')).json()) as { entries: object[] }
  expect(entries).toMatchObject([{ workspace: 'ci-7', vendor: 'samsung' }])
})
