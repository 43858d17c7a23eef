import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { appStoreDevelopment } from '../../../src/receipts/app-store/development.js'
import { aSandbox, post } from '../../support/sandbox.js'

const appFamilyId = '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01'
const ellipticKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
const licenseKey = rsaKey.export({ type: 'spki', format: 'der' }).toString('base64')
const pem = String(rsaKey.export({ type: 'spki', format: 'pem' }))
const play = { packageName: 'com.example.new', appFamilyId, licenseKey }
const appStore = { bundleId: 'com.example.new', appFamilyId, sharedSecret: 's' }
const family = { id: '11111111-1111-4111-8111-111111111111', name: 'New', tokens: ['new-token'] }
const webhook = { appFamilyId, name: 'new', url: 'https://example.com/hook', hmacKey: 'k' }

const seedWith = async (table: string, row: unknown) => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask('/_sandbox/seed', post({ mbaasy: { [table]: [row] } }))
  return { status: reply.status, body: (await reply.json()) as { errors?: { path: string; message: string }[] } }
}

test.each<[string, unknown]>([
  ['appFamilies', family],
  ['appFamilies', { ...family, tokens: [], entitlements: { premium: { monthly: ['^premium'] } } }],
  ['playStoreApps', play],
  ['playStoreApps', { ...play, licenseKey: licenseKey.replace(/(.{64})/g, '$1\n'), environment: 'sandbox', statusSlug: 'slug' }],
  ['appStoreApps', { ...appStore, roots: [appStoreDevelopment().root], allowXcode: true, statusSlug: 'slug' }],
  ['webhooks', webhook],
  ['webhooks', { ...webhook, url: 'http://127.0.0.1:8080/' }],
])('a right row of %s is taken: %j', async (table, row) => {
  expect((await seedWith(table, row)).status).toBe(200)
})

test.each<[string, unknown, string, string]>([
  ['playStoreApps', { ...play, licenseKey: 'not a key' }, 'licenseKey', 'The key'],
  ['playStoreApps', { ...play, licenseKey: '' }, 'licenseKey', 'The key is empty'],
  ['playStoreApps', { ...play, licenseKey: licenseKey.slice(0, -8) }, 'licenseKey', 'The key'],
  ['playStoreApps', { ...play, licenseKey: pem }, 'licenseKey', 'PEM'],
  ['playStoreApps', { ...play, licenseKey: ellipticKey }, 'licenseKey', 'not RSA'],
  ['playStoreApps', { ...play, environment: 'staging' }, 'environment', ''],
  ['playStoreApps', { ...play, packageName: '' }, 'packageName', ''],
  ['appStoreApps', { ...appStore, sharedSecret: '' }, 'sharedSecret', ''],
  ['appStoreApps', { ...appStore, roots: ['no certificate'] }, 'roots/0', 'The root'],
  ['appStoreApps', { ...appStore, roots: [appStoreDevelopment().root.replace('MII', 'AAA')] }, 'roots/0', 'The root'],
  ['appFamilies', { ...family, id: 'family' }, 'id', ''],
  ['appFamilies', { ...family, tokens: ['two words'] }, 'tokens/0', 'one word'],
  ['appFamilies', { ...family, entitlements: { premium: { monthly: [''] } } }, 'entitlements/premium/monthly/0', 'is empty'],
  ['appFamilies', { ...family, entitlements: { premium: { monthly: ['('] } } }, 'entitlements/premium/monthly/0', 'the pattern'],
  ['appFamilies', { ...family, entitlements: { premium: { monthly: ['a'.repeat(1001)] } } }, 'entitlements/premium/monthly/0', '1001'],
  ['webhooks', { ...webhook, url: 'ftp://example.com' }, 'url', ''],
  ['webhooks', { ...webhook, url: 'javascript:alert(1)' }, 'url', ''],
  ['webhooks', { ...webhook, hmacKey: '' }, 'hmacKey', ''],
])('a wrong row of %s is refused: %j', async (table, row, path, message) => {
  const { status, body } = await seedWith(table, row)

  expect(status).toBe(422)
  expect(body.errors).toMatchObject([{ path: `/mbaasy/${table}/0/${path}`, message: expect.stringContaining(message) }])
})

test('orders, receipts, purchases and products are seeded as they are kept', async () => {
  const sandbox = await aSandbox()
  const headers = { Authorization: 'Bearer test-token' }
  const order = { package_name: 'com.example.game', purchase_token: 't', product_id: 'p' }
  await sandbox.ask('/mbaasy/client/google_play/purchase_orders/legacy', post(order, headers))
  const kept = {
    purchaseOrders: await sandbox.rows('mbaasy', 'purchaseOrders'),
    inAppPurchases: await sandbox.rows('mbaasy', 'inAppPurchases'),
    products: await sandbox.rows('mbaasy', 'products'),
  }

  const other = await aSandbox()

  expect(await other.control('POST', 'seed', { mbaasy: kept })).toEqual({
    loaded: { 'mbaasy.purchaseOrders': 1, 'mbaasy.inAppPurchases': 1, 'mbaasy.products': 1 },
  })
})

test('an order seeded with no more than its resource is known again', async () => {
  const sandbox = await aSandbox()
  const at = '2019-01-01T00:00:00.000Z'
  const row = {
    id: '22222222-2222-4222-8222-222222222222',
    appFamilyId,
    packageName: 'com.example.game',
    isLegacy: true,
    isFraud: false,
    fraudReason: null,
    environment: 'production',
    purchaseToken: 't',
    orderId: null,
    userIdentifier: 'ann',
    metadata: null,
    ipAddress: null,
    createdAt: at,
    updatedAt: at,
  }
  await sandbox.control('POST', 'seed', { mbaasy: { purchaseOrders: [row] } })

  const upload = post({ package_name: 'com.example.game', purchase_token: 't', product_id: 'p' }, { Authorization: 'Bearer test-token' })
  const reply = await sandbox.ask('/mbaasy/client/google_play/purchase_orders/legacy', upload)

  expect(reply.status).toBe(200)
  expect(await reply.json()).toMatchObject({
    id: row.id,
    user_identifier: 'ann',
    in_app_purchase: { product_id: 'p', user_identifier: 'ann' },
  })
})
