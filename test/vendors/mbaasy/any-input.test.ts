import fc from 'fast-check'
import { expect, test } from 'vitest'
import { receipts, aShop, orders, signedOrder, workedExample } from './uploads.js'

const paths = [
  orders,
  `${orders}/legacy`,
  receipts,
  '/mbaasy/itunes_connect/status_updates/example-game',
  '/mbaasy/google_play/status_updates/example-game',
  '/mbaasy/v1/projects/mbaasy-api/topics/status-updates-example-game:publish',
]

const fields = [
  'purchase_data',
  'purchase_signature',
  'package_name',
  'purchase_token',
  'product_id',
  'order_id',
  'receipt',
  'country_code',
  'user_identifier',
  'ip_address',
  'metadata',
  'message',
  'messages',
  'notification_type',
  'password',
  'latest_receipt_info',
  '__proto__',
  'constructor',
]
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    'com.example.game',
    'com.example.app',
    'sandbox-shared-secret',
    '\ud800',
    1e308,
    -0,
    ...Object.values(signedOrder()),
  ),
  fc.dictionary(fc.constantFrom('data', 'original_transaction_id', 'expires_date', '__proto__'), fc.jsonValue({ maxDepth: 1 })),
)
const body = fc.oneof(
  fc.string(),
  fc.json(),
  fc.uint8Array({ maxLength: 200 }),
  fc
    .array(fc.tuple(fc.constantFrom(...fields), value))
    .map((members) => `{${members.map(([name, held]) => `"${name}":${JSON.stringify(held)}`).join()}}`),
  fc.dictionary(fc.constantFrom(...fields), value).map((some) => JSON.stringify({ ...workedExample(), ...some })),
)
const header = fc.oneof(fc.constant('Bearer test-token'), fc.stringMatching(/^[\x21-\x7e ]{0,40}$/))
const query = fc.stringMatching(/^[\x21-\x22\x24-\x7e]{0,40}$/)

test('no request makes a 5xx, and a refused one leaves nothing behind', async () => {
  const shop = await aShop()
  const keep = async () => JSON.stringify(await shop.context.store.dump('default'))

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), body, header, query, async (path, sent, authorization, asked) => {
      const before = await keep()
      const reply = await shop.ask(`${path}?${asked}`, { method: 'POST', headers: { Authorization: authorization }, body: sent })
      const { errors } = (await reply.json().catch(() => ({}))) as { errors?: Record<string, string[]> }

      expect([200, 206, 401, 402, 422]).toContain(reply.status)
      if (reply.status === 401 || reply.status === 422) {
        expect(Object.values(errors ?? {}).flat().length).toBeGreaterThan(0)
        expect(await keep()).toBe(before)
      }
    }),
    { numRuns: 300 },
  )
})
