import {
  APIException,
  AppStoreServerAPIClient,
  DeliveryStatus,
  Environment,
  ExtendReasonCode,
  GetTransactionHistoryVersion,
  NotificationTypeV2,
  OrderLookupStatus,
  ProductType,
  SendAttemptResult,
  SignedDataVerifier,
  Status,
} from '@apple/app-store-server-library'
import { AppStoreServerAPI, decodeNotificationPayload, decodeTransaction } from 'app-store-server-api'
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createSandbox, type TestSandbox } from '../../../src/index.js'
import { seededConnect } from '../../../src/receipts/app-store/jws/connect-token.js'
import { connectKey, jwsDevelopment } from '../../../src/receipts/app-store/jws/development.js'
import { aReceiver } from '../../support/receiver.js'
import { bundleId, monthly, start } from './store.js'

const { issuerId, keyId } = seededConnect
const { own, rootFingerprint } = jwsDevelopment()
const root = new X509Certificate(own.root).raw
const appAppleId = 1_234_567_890
const token = '1000000102184163'

let shared: Promise<TestSandbox> | undefined
afterAll(async () => (await shared)?.close())

let sandbox: TestSandbox
beforeEach(async () => {
  shared ??= createSandbox({ memory: true, port: 0 })
  sandbox = await shared
  await sandbox.reset()
  await sandbox.clock.set(start, { frozen: true })
})

function client(environment: Environment.PRODUCTION | Environment.SANDBOX, key = connectKey()) {
  const made = new AppStoreServerAPIClient(key, keyId, issuerId, bundleId, environment)
  // An ordinary member at run time, and the only way to lead the client elsewhere.
  const prefix = environment === Environment.SANDBOX ? '/sandbox' : ''
  Object.assign(made, { urlBase: `${sandbox.urlFor('app_store')}${prefix}` })
  return made
}

function verifier(environment: Environment.PRODUCTION | Environment.SANDBOX) {
  return new SignedDataVerifier([root], false, environment, bundleId, environment === Environment.PRODUCTION ? appAppleId : undefined)
}

async function configure(app: object): Promise<void> {
  const [row] = await sandbox.rows('app_store', 'apps')
  await sandbox.seed({ app_store: { apps: [{ ...row, ...app }] } })
}

describe('Apple’s own library', () => {
  // client: @apple/app-store-server-library | its member `urlBase`, or its own hosts with `NODE_EXTRA_CA_CERTS` | `coinslot key app_store`
  test.each([Environment.PRODUCTION, Environment.SANDBOX] as const)(
    'reads and verifies a subscription from beginning to end in %s',
    async (environment) => {
      const api = client(environment)
      const verify = verifier(environment)
      const isSandbox = environment === Environment.SANDBOX
      await sandbox.marketplace.purchase('app_store', token, { app: bundleId, ...monthly, testPurchase: isSandbox })
      await sandbox.clock.advance('P1M')

      const { signedTransactionInfo } = await api.getTransactionInfo(token)
      const first = await verify.verifyAndDecodeTransaction(signedTransactionInfo!)
      expect(first).toMatchObject({ transactionId: token, type: 'Auto-Renewable Subscription', environment, price: 990, currency: 'USD' })

      const statuses = await api.getAllSubscriptionStatuses(token, [Status.ACTIVE])
      expect(statuses.appAppleId).toBe(isSandbox ? undefined : appAppleId)
      const [last] = statuses.data![0]!.lastTransactions!
      expect(last!.status).toBe(Status.ACTIVE)
      expect(await verify.verifyAndDecodeTransaction(last!.signedTransactionInfo!)).toMatchObject({ transactionReason: 'RENEWAL' })
      expect(await verify.verifyAndDecodeRenewalInfo(last!.signedRenewalInfo!)).toMatchObject({
        autoRenewStatus: 1,
        originalTransactionId: token,
      })

      const page = await api.getTransactionHistory(
        token,
        null,
        { productTypes: [ProductType.AUTO_RENEWABLE] },
        GetTransactionHistoryVersion.V2,
      )
      const transactions = await Promise.all(page.signedTransactions!.map((jws) => verify.verifyAndDecodeTransaction(jws)))
      expect(transactions.map(({ purchaseDate }) => purchaseDate)).toEqual([Date.UTC(2026, 0, 1), Date.UTC(2026, 1, 1)])

      const extension = { extendByDays: 7, extendReasonCode: ExtendReasonCode.SERVICE_ISSUE_OR_OUTAGE, requestIdentifier: 'outage-1' }
      const extended = await api.extendSubscriptionRenewalDate(token, extension)
      expect(extended).toMatchObject({ originalTransactionId: token, success: true, effectiveDate: Date.UTC(2026, 2, 8) })

      await api.setAppAccountToken(token, { appAccountToken: '7E3FB204-2E1C-4DD8-9A4D-3A9B0D3D5F10' })
      const app = await api.getAppTransactionInfo(token)
      expect(await verify.verifyAndDecodeAppTransaction(app.signedAppTransactionInfo!)).toMatchObject({
        bundleId,
        receiptType: environment,
      })

      await sandbox.marketplace.act('app_store', token, 'refund-request', { reason: 'legal' })
      await api.sendConsumptionInformation(token, {
        customerConsented: true,
        deliveryStatus: DeliveryStatus.DELIVERED,
        sampleContentProvided: false,
        consumptionPercentage: 50_000,
      })
      expect((await sandbox.traffic({ vendor: 'app_store', limit: 1 }))[0]).toMatchObject({ outcome: 'accepted', warnings: [] })
      await sandbox.marketplace.refund('app_store', token, { reason: 1 })
      const { signedTransactions } = await api.getRefundHistory(token, null)
      expect(await verify.verifyAndDecodeTransaction(signedTransactions![0]!)).toMatchObject({
        revocationReason: 1,
        appAccountToken: '7e3fb204-2e1c-4dd8-9a4d-3a9b0d3d5f10',
        expiresDate: Date.UTC(2026, 2, 8),
      })
      await api.finishTransaction(token)
    },
  )

  test('finds no production purchase in the sandbox, and fails as with Apple', async () => {
    await sandbox.marketplace.purchase('app_store', token, { app: bundleId, ...monthly })
    const unknown = await client(Environment.SANDBOX)
      .getTransactionInfo(token)
      .catch((error: unknown) => error)
    expect(unknown).toBeInstanceOf(APIException)
    expect(unknown).toMatchObject({ httpStatusCode: 404, apiError: 4040010, errorMessage: 'Transaction id not found.' })
    const other =
      'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G'
    const pem = `-----BEGIN PRIVATE KEY-----\n${other}\n-----END PRIVATE KEY-----\n`
    const refused = await client(Environment.PRODUCTION, pem)
      .getTransactionInfo(token)
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ httpStatusCode: 401, apiError: null })
  })

  test('finds the transaction of an order', async () => {
    await sandbox.marketplace.purchase('app_store', token, { app: bundleId, productId: 'gems.10' })
    const [row] = await sandbox.rows('app_store', 'transactions')
    const found = await client(Environment.PRODUCTION).lookUpOrderId(String(row!['orderId']))
    expect(found.status).toBe(OrderLookupStatus.VALID)
    await verifier(Environment.PRODUCTION).verifyAndDecodeTransaction(found.signedTransactions![0]!)
  })

  test('extends all subscribers of a product', async () => {
    const api = client(Environment.PRODUCTION)
    for (const id of ['1', '2', '3']) await sandbox.marketplace.purchase('app_store', id, { app: bundleId, ...monthly, trial: id === '3' })
    const request = { productId: 'club.monthly', extendByDays: 3, extendReasonCode: ExtendReasonCode.OTHER, requestIdentifier: 'mass-1' }
    expect(await api.extendRenewalDateForAllActiveSubscribers(request)).toEqual({ requestIdentifier: 'mass-1' })
    expect(await api.extendRenewalDateForAllActiveSubscribers(request)).toEqual({ requestIdentifier: 'mass-1' })
    expect(await api.getStatusOfSubscriptionRenewalDateExtensions('mass-1', 'club.monthly')).toEqual({
      requestIdentifier: 'mass-1',
      complete: false,
    })
    await sandbox.clock.advance('PT2M')
    expect(await api.getStatusOfSubscriptionRenewalDateExtensions('mass-1', 'club.monthly')).toMatchObject({
      complete: true,
      succeededCount: 2,
      failedCount: 1,
    })
  })

  // client: @apple/app-store-server-library | `SignedDataVerifier` | `root.der` in its constructor; online checks off
  test('receives and verifies every notification of a purchase, and reads them back', async () => {
    const receiver = await aReceiver()
    await configure({ notificationUrl: `${receiver.url}/apple` })
    const verify = verifier(Environment.PRODUCTION)
    const api = client(Environment.PRODUCTION)
    const { testNotificationToken } = await api.requestTestNotification()
    await receiver.got(1)
    await sandbox.marketplace.purchase('app_store', token, { app: bundleId, ...monthly })
    await sandbox.clock.advance('P1M')
    await sandbox.marketplace.cancel('app_store', token)
    await sandbox.marketplace.refund('app_store', token, { reason: 0 })
    const calls = await receiver.got(5)

    const bodies = calls.map(({ body }) => JSON.parse(body.toString()) as { signedPayload: string })
    const payloads = await Promise.all(bodies.map(({ signedPayload }) => verify.verifyAndDecodeNotification(signedPayload)))
    expect(payloads.map(({ notificationType, subtype }) => [notificationType, subtype])).toEqual([
      [NotificationTypeV2.TEST, undefined],
      [NotificationTypeV2.SUBSCRIBED, 'INITIAL_BUY'],
      [NotificationTypeV2.DID_RENEW, undefined],
      [NotificationTypeV2.DID_CHANGE_RENEWAL_STATUS, 'AUTO_RENEW_DISABLED'],
      [NotificationTypeV2.REFUND, undefined],
    ])
    for (const { data } of payloads.slice(1)) {
      await verify.verifyAndDecodeTransaction(data!.signedTransactionInfo!)
      await verify.verifyAndDecodeRenewalInfo(data!.signedRenewalInfo!)
    }
    expect(payloads.at(-1)!.data!.status).toBe(Status.REVOKED)
    expect(calls[0]!.headers['content-type']).toBe('application/json')

    const status = await api.getTestNotificationStatus(testNotificationToken!)
    expect(status.sendAttempts).toEqual([{ attemptDate: Date.UTC(2026, 0, 1), sendAttemptResult: SendAttemptResult.SUCCESS }])
    const history = await api.getNotificationHistory(null, {
      startDate: Date.UTC(2026, 0, 1),
      endDate: Date.UTC(2026, 3, 1),
      notificationType: NotificationTypeV2.REFUND,
    })
    expect(history).toMatchObject({ hasMore: false, notificationHistory: [{ signedPayload: bodies[4]!.signedPayload }] })
  })
})

// client: app-store-server-api | its member `baseUrl`, or its own hosts | `root.sha256` as argument of its decode functions
test('the npm package app-store-server-api reads, decodes and is notified', async () => {
  const receiver = await aReceiver()
  await configure({ notificationUrl: receiver.url })
  const api = new AppStoreServerAPI(connectKey(), keyId, issuerId, bundleId)
  Object.assign(api, { baseUrl: sandbox.urlFor('app_store') })
  await sandbox.marketplace.purchase('app_store', token, { app: bundleId, ...monthly })

  const { signedTransactionInfo } = await api.getTransactionInfo(token)
  expect(await decodeTransaction(signedTransactionInfo, rootFingerprint)).toMatchObject({ transactionId: token, productId: 'club.monthly' })
  const { data } = await api.getSubscriptionStatuses(token)
  expect(data[0]!.lastTransactions[0]!.status).toBe(1)
  const [call] = await receiver.got(1)
  const { signedPayload } = JSON.parse(call!.body.toString()) as { signedPayload: string }
  expect(await decodeNotificationPayload(signedPayload, rootFingerprint)).toMatchObject({ notificationType: 'SUBSCRIBED' })
  await expect(api.getTransactionInfo('1')).rejects.toMatchObject({ errorCode: 4040010 })
})
