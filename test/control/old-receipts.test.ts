import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import type { AppStoreReceipt, Inspection } from '../../src/client/receipts.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'

const appFamilyId = '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01'
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
const licenseKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')

/** Purchase data as clients of 2015 had it: no quantity, nothing acknowledged. */
const data = JSON.stringify({
  orderId: 'GPA.xxxx-xxxx-xxxx-xxxxx',
  packageName: 'old.package',
  productId: 'sword',
  purchaseTime: 1437564796303,
  purchaseState: 0,
  developerPayload: 'user001',
  purchaseToken: 'some-token',
})
const signature = sign('sha1', Buffer.from(data), privateKey).toString('base64')
const foreign = sign('sha1', Buffer.from(`${data} `), privateKey).toString('base64')

/** A sandbox in which both vendors got the old app while it ran. */
async function aShopOfOld(): Promise<TestSandbox> {
  const sandbox = await aSandbox()
  await sandbox.control('POST', 'seed', {
    gameofwhales: { games: [{ game: 'old', androidBundleId: 'old.package', androidLicenseKey: licenseKey, iosBundleId: 'old.bundle' }] },
    mbaasy: {
      playStoreApps: [{ packageName: 'old.package', appFamilyId, licenseKey }],
      appStoreApps: [{ bundleId: 'old.bundle', appFamilyId, sharedSecret: 's' }],
    },
  })
  return sandbox
}

async function toMbaasy(sandbox: TestSandbox, path: string, body: object): Promise<number> {
  return (await sandbox.ask(`/mbaasy/client/${path}`, post(body, { Authorization: 'Bearer test-token' }))).status
}

async function toGameOfWhales(sandbox: TestSandbox, store: string, transactionId: string, payload: string): Promise<string | undefined> {
  const receipt = JSON.stringify({ Store: store, TransactionID: transactionId, Payload: payload })
  const common = { country: 'US', locale: 'en_US', platform: store === 'GooglePlay' ? 'android' : 'ios', store, version: '1.0.0' }
  const event = { currency: 'USD', price: 199, transactionId, receipt }
  const reply = await sandbox.ask('/gameofwhales/receipt', post({ game: 'old', user: 'ann', common, event }))
  return ((await reply.json()) as { receipts: { verifyState: string }[] }).receipts[0]?.verifyState
}

test.each([
  ['right', signature, 200, 'legal'],
  ['wrong', foreign, 402, 'illegal'],
])('a %s signature of a 1024 bit key is found so by both vendors', async (_which, given, status, verifyState) => {
  const sandbox = await aShopOfOld()

  const payload = JSON.stringify({ json: data, signature: given })
  const body = { purchase_data: data, purchase_signature: given }
  const { vendors } = (await sandbox.control('POST', 'receipts/inspect', { receipt: { json: data, signature: given } })) as Inspection

  expect(await toMbaasy(sandbox, 'google_play/purchase_orders', body)).toBe(status)
  expect(await toGameOfWhales(sandbox, 'GooglePlay', 'GPA.xxxx-xxxx-xxxx-xxxxx', payload)).toBe(verifyState)
  expect(vendors).toMatchObject([
    { vendor: 'gameofwhales', answer: verifyState },
    { vendor: 'mbaasy', answer: expect.stringMatching(`^${status}`) },
  ])
})

test.each([
  ['unified', { digest: 'sha1' }, 'legal'],
  ['transaction', { version: 2 }, 'illegal'],
])('a %s receipt of old, in lines, is read by both vendors', async (style, old, verifyState) => {
  const sandbox = await aShopOfOld()
  const wish = { bundleId: 'old.bundle', productId: 'yearly', environment: 'ProductionSandbox', style, ...old }
  const { receipt, transactionId } = (await sandbox.control('POST', 'receipts/app_store', wish)) as AppStoreReceipt
  const inLines = receipt.replaceAll(/.{76}/g, '$&\n') + '\n'

  expect(await toMbaasy(sandbox, 'itunes_connect/receipts', { receipt: inLines })).toBe(200)
  expect(await toGameOfWhales(sandbox, 'AppleAppStore', transactionId, inLines)).toBe(verifyState)
})
