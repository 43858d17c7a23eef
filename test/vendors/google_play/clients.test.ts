import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { androidpublisher, auth } from '@googleapis/androidpublisher'
import { androidpublisher as androidpublisher36 } from 'androidpublisher36'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox, type TestSandbox } from '../../../src/index.js'
import { aReceiver } from '../../support/receiver.js'
import { aFile, aSecureSandbox } from '../../tls/kit.js'
import { googlePlay } from '../../../src/vendors/google_play/index.js'
import { account, packageName, product, start, subscription, token } from './play.js'

const other = 'anothertokenofapurchase.AO-J1Oabcdefghijklmnopqrstuvwxy'

async function aShop(): Promise<TestSandbox> {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  onTestFinished(() => sandbox.close())
  await sandbox.seed({
    clock: { now: start, frozen: true },
    marketplace: {
      purchases: [
        { store: 'google_play', ...product, orderId: 'GPA.1' },
        { store: 'google_play', ...subscription, token: other, orderId: 'GPA.2' },
      ],
    },
  })
  return sandbox
}

function bearer() {
  const client = new auth.OAuth2()
  client.setCredentials({ access_token: 'ya29.sandbox' })
  return client
}

// client: @googleapis/androidpublisher | `{ rootUrl: 'http://127.0.0.1:4010/google_play/' }` with each call | the bearer token `ya29.sandbox` of the default seed
test('version 37 of Google’s client reads, acknowledges, consumes and lists, with a root URL for each call', async () => {
  const sandbox = await aShop()
  const play = androidpublisher({ version: 'v3', auth: bearer() })
  const at = { rootUrl: `${sandbox.urlFor('google_play')}/` }
  const one = { packageName, productId: 'gems.10', token }

  const { data: first } = await play.purchases.products.get(one, at)
  expect(first).toMatchObject({ kind: 'androidpublisher#productPurchase', orderId: 'GPA.1', purchaseState: 0, acknowledgementState: 0 })
  expect((await play.purchases.products.acknowledge({ ...one, requestBody: { developerPayload: 'level 3' } }, at)).status).toBe(204)
  expect((await play.purchases.products.consume(one, at)).status).toBe(204)
  const { data: second } = await play.purchases.productsv2.getproductpurchasev2({ packageName, token }, at)
  expect(second).toMatchObject({
    acknowledgementState: 'ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED',
    purchaseStateContext: { purchaseState: 'PURCHASED' },
  })
  await sandbox.marketplace.refund('google_play', token, { reason: 1 })
  const { data: voided } = await play.purchases.voidedpurchases.list({ packageName }, at)
  expect(voided.voidedPurchases).toMatchObject([{ purchaseToken: token, orderId: 'GPA.1', voidedReason: 1 }])
})

// client: @googleapis/androidpublisher | `rootUrl: 'http://127.0.0.1:4010/'` for the whole service | the same token
test('a root URL for the whole service, which keeps the origin alone, works as well', async () => {
  const sandbox = await aShop()
  const play = androidpublisher({ version: 'v3', auth: bearer(), rootUrl: `${sandbox.url}/` })
  const one = { packageName, token: other }

  const { data: running } = await play.purchases.subscriptionsv2.get(one)
  expect(running).toMatchObject({ subscriptionState: 'SUBSCRIPTION_STATE_ACTIVE', latestOrderId: 'GPA.2' })
  const deferralContext = { deferDuration: '864000s', etag: running.etag }
  const { data: deferred } = await play.purchases.subscriptionsv2.defer({ ...one, requestBody: { deferralContext } })
  expect(deferred.itemExpiryTimeDetails).toEqual([{ productId: 'club.monthly', expiryTime: '2026-02-11T00:00:00.000Z' }])
  const cancellationContext = { cancellationType: 'USER_REQUESTED_STOP_RENEWALS' }
  expect((await play.purchases.subscriptionsv2.cancel({ ...one, requestBody: { cancellationContext } })).status).toBe(200)
  await play.purchases.subscriptionsv2.revoke({ ...one, requestBody: { revocationContext: { fullRefund: {} } } })
  expect((await play.purchases.subscriptionsv2.get(one)).data).toMatchObject({ subscriptionState: 'SUBSCRIPTION_STATE_EXPIRED' })
  expect((await play.orders.get({ packageName, orderId: 'GPA.2' })).data).toMatchObject({ state: 'REFUNDED', total: { units: '0' } })
  expect((await play.orders.batchget({ packageName, orderIds: ['GPA.2', 'GPA.3'] })).data.orders).toHaveLength(1)
})

// client: androidpublisher36 | as above; it still has the first version of `subscriptions` | the same token
test('version 36 asks about subscriptions in the first version', async () => {
  const sandbox = await aShop()
  const play = androidpublisher36({ version: 'v3', auth: bearer(), rootUrl: `${sandbox.url}/` })
  const one = { packageName, subscriptionId: 'club.monthly', token: other }
  const { subscriptions } = play.purchases

  const { data: running } = await subscriptions.get(one)
  expect(running).toMatchObject({
    autoRenewing: true,
    paymentState: 1,
    orderId: 'GPA.2',
    expiryTimeMillis: String(Date.parse('2026-02-01')),
  })
  expect((await subscriptions.acknowledge({ ...one, requestBody: {} })).status).toBe(204)
  const deferralInfo = { expectedExpiryTimeMillis: running.expiryTimeMillis, desiredExpiryTimeMillis: String(Date.parse('2026-02-11')) }
  const { data: deferred } = await subscriptions.defer({ ...one, requestBody: { deferralInfo } })
  expect(deferred).toEqual({ newExpiryTimeMillis: String(Date.parse('2026-02-11')) })
  expect((await subscriptions.refund(one)).status).toBe(204)
  expect((await subscriptions.cancel(one)).status).toBe(204)
  expect((await subscriptions.revoke(one)).status).toBe(204)
  expect((await subscriptions.get(one)).data).toMatchObject({ autoRenewing: false, cancelReason: 3 })
})

test('errors surface as the client reads them', async () => {
  const sandbox = await aShop()
  const play = androidpublisher({ version: 'v3', auth: bearer(), rootUrl: `${sandbox.url}/` })

  const refused = play.purchases.products.get({ packageName, productId: 'gems.20', token })
  await expect(refused).rejects.toThrow('The purchase token does not match the product ID.')
  await expect(refused).rejects.toMatchObject({
    status: 400,
    response: {
      data: { error: { errors: [{ reason: 'purchaseTokenDoesNotMatchProductId', domain: 'androidpublisher', location: 'token' }] } },
    },
  })
  await sandbox.faults.add({ match: { vendor: 'google_play' }, effect: { kind: 'reply', name: 'token-no-longer-valid' }, times: 1 })
  await expect(play.purchases.products.get({ packageName, productId: 'gems.10', token })).rejects.toMatchObject({ status: 410 })
})

// client: google-auth-library | unchanged: the host names of `coinslot hosts`, `--native-ports` and `NODE_EXTRA_CA_CERTS` with the file of `coinslot ca` | `coinslot key google_play`; `verifyIdToken` of a push trusts the served certificates
test('with its own hosts, over TLS: token, API, self-signed JWT, and the token of a push', async () => {
  const receiver = await aReceiver()
  const sandbox = await aSecureSandbox()
  const control = async (method: string, path: string, body?: unknown) => {
    const url = `http://127.0.0.1:${sandbox.port}/_sandbox/${path}`
    return (await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) })).json() as Promise<
      Record<string, unknown>
    >
  }
  const [app] = (await control('GET', 'tables/google_play/apps'))['rows'] as { row: { rtdn: object } }[]
  await control('POST', 'seed', {
    google_play: { apps: [{ ...app?.row, rtdn: { ...app?.row.rtdn, url: receiver.url } }] },
    marketplace: { purchases: [{ store: 'google_play', ...product }] },
  })
  await control('POST', `vendors/google_play/apps/${packageName}/test-notification`)
  const [push] = await receiver.got(1)
  const keyFile = aFile('service-account.json', '')
  writeFileSync(keyFile, JSON.stringify(await control('GET', 'vendors/google_play/key')))

  const idToken = String(push?.headers.authorization).replace('Bearer ', '')
  const said = await byName([keyFile, token, idToken, receiver.url], { port: sandbox.port, ca: aFile('ca.pem', sandbox.ca) })

  expect(said).toMatchObject({
    product: { purchaseState: 0, acknowledgementState: 0 },
    acknowledged: 204,
    email: 'play-rtdn@coinslot-sandbox.iam.gserviceaccount.com',
    refused: { status: 403, message: 'Request had insufficient authentication scopes.' },
    bySelfSigned: 200,
  })
  const tokens = (await control('GET', 'tables/google_play/accessTokens'))['rows'] as { row: { email: string } }[]
  expect(tokens.map(({ row }) => row.email)).toEqual([account.client_email, account.client_email, account.client_email])
})

/** Runs the script in a process for which Google's hosts are the sandbox. */
function byName(args: readonly string[], { port, ca }: { port: number; ca: string }): Promise<unknown> {
  const script = fileURLToPath(new URL('by-name.mjs', import.meta.url))
  const preload = new URL('../../support/to-sandbox.mjs', import.meta.url).href
  const child = spawn(process.execPath, ['--import', preload, script, ...args], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      NODE_EXTRA_CA_CERTS: ca,
      SANDBOX_HOSTS: googlePlay.hosts.join(','),
      SANDBOX_TLS_PORT: String(port),
    },
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (said.stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (said.stderr += String(chunk)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(said.stdout)) : reject(new Error(said.stderr))))
  })
}
