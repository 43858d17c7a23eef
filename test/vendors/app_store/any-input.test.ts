import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { appStore } from '../../../src/vendors/app_store/index.js'
import { aStore, monthly } from './store.js'

const values = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, [], {}, 'USA', ['USA'], 'DELIVERED', 1_767_225_600_000, 'REFUND', true, 1),
)
const names = fc.constantFrom(
  'receipt-data',
  'password',
  'extendByDays',
  'extendReasonCode',
  'requestIdentifier',
  'productId',
  'storefrontCountryCodes',
  'customerConsented',
  'deliveryStatus',
  'sampleContentProvided',
  'appAccountToken',
  'startDate',
  'endDate',
  'notificationType',
  'transactionId',
)
const bodies = fc.oneof(
  fc.dictionary(names, values).map((body) => JSON.stringify(body)),
  fc.json(),
  fc.string(),
)
const ids = fc.oneof(
  fc.constantFrom('1000000000000001', '1000000000000002', '704000000000000001', 'club.monthly'),
  fc.string({ maxLength: 70 }),
)
const queries = fc.dictionary(
  fc.constantFrom('revision', 'startDate', 'endDate', 'productType', 'sort', 'status', 'revoked', 'paginationToken', 'excludeRevoked'),
  fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('1', 'ASCENDING', 'true', 'CONSUMABLE')),
)
const routes = fc.constantFrom(...appStore.routes.map(({ method, path }) => ({ method, path })))

test('no path, query and body make the App Store fail', async () => {
  const store = await aStore()
  await store.sell('1000000000000001')
  await store.sell('1000000000000002', monthly)
  await fc.assert(
    fc.asyncProperty(routes, ids, queries, bodies, async ({ method, path }, id, query, body) => {
      const filled = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(id.isWellFormed() ? id : 'x') || '%20')
      const search = new URLSearchParams(query).toString()
      const reply = await store.api(`${filled}?${search}`, { method, ...(method !== 'GET' && { body }) })
      expect(reply.status, `${method} ${filled}?${search} ${body}`).toBeLessThan(500)
      const text = await reply.text()
      if (reply.status >= 400 && text !== '') expect(JSON.parse(text)).toMatchObject({ errorCode: expect.any(Number) })
    }),
    { numRuns: 300 },
  )
})
