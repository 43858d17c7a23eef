import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { samsung } from '../../../src/vendors/samsung/index.js'
import { aStore, headers, jwt, mint, mintSubscription } from './requests.js'

const changed = fc
  .dictionary(
    fc.constantFrom('action', 'caller', 'purchasedIdList', 'sellerSeq', 'packageName', 'requestDate', 'continuationToken', '__proto__'),
    fc.oneof(fc.jsonValue(), fc.constantFrom('cancel', 'refund', 'revoke', 'consume', 'acknowledge', '000000000001', 'com.example.game')),
  )
  .map((members) => JSON.stringify(members))
const body = fc.oneof({ weight: 3, arbitrary: changed }, fc.string(), fc.uint8Array(), fc.json())

const claims = fc.record({ iss: fc.jsonValue(), scopes: fc.jsonValue(), iat: fc.jsonValue(), exp: fc.jsonValue() }).map((sent) => jwt(sent))
const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 60 })
const authorization = fc.oneof(
  { weight: 3, arbitrary: fc.constant(headers.authorization) },
  claims.map((token) => `Bearer ${token}`),
  ascii.map((text) => `Bearer ${text.trim()}`),
  ascii.map((text) => text.trim()),
)
const segment = fc.oneof(fc.constantFrom('com.example.game', 'first', 'second'), fc.string({ minLength: 1, maxLength: 40 }))

test('no request makes the server fail, and what is refused changes no purchase', async () => {
  const sandbox = await aStore()
  const first = await mint(sandbox)
  const second = await mintSubscription(sandbox)
  const known: Record<string, string> = { first: first.purchaseId, second: second.purchaseId }
  const purchases = () => sandbox.rows('marketplace', 'purchases')
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...samsung.routes),
      body,
      authorization,
      fc.array(segment, { minLength: 2, maxLength: 2 }),
      fc.webQueryParameters(),
      async ({ method, path }, sent, authorized, [packageName, id], query) => {
        const part = (value: string | undefined) => encodeURIComponent(known[value ?? ''] ?? value ?? '')
        const filled = path.replace('{packageName}', part(packageName)).replace('{purchaseId}', part(id))
        const before = await purchases()
        const reply = await sandbox.ask(`/samsung${filled}?${query}`, {
          method,
          headers: { ...headers, authorization: authorized, 'Content-Type': 'application/json' },
          ...(method !== 'GET' && { body: sent }),
        })
        expect(reply.status).toBeLessThan(500)
        expect(reply.headers.get('content-type')).toBe('application/json')
        if (reply.status >= 300) expect(await purchases()).toEqual(before)
      },
    ),
    { numRuns: 400 },
  )
})
