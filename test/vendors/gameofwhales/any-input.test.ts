import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { gameofwhales } from '../../../src/vendors/gameofwhales/index.js'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'
import { googlePlayContainer } from './calls.js'

const recorded = ['users', 'purchases', 'events']

async function rowsOf(sandbox: TestSandbox) {
  return Promise.all(recorded.map((table) => sandbox.rows('gameofwhales', table)))
}

/** Rows must be valid when they are read again from disk. */
async function expectGoodRows(sandbox: TestSandbox) {
  for (const [name, { schema }] of Object.entries(gameofwhales.tables)) {
    for (const row of await sandbox.rows('gameofwhales', name)) expect(schema.parse(row)).toEqual(row)
  }
}

const names = ['game', 'user', 'common', 'event', 'ip', 'country', 'locale', 'platform', 'store', 'version', 'expId', 'price', 'currency']
const member = fc.constantFrom(...names, 'receipt', 'transactionId', 'verify', 'params', 'resources', '__proto__', 'constructor', '')
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('sandbox-game', '\ud800', 1e300, -0, 2 ** 53, googlePlayContainer()),
  fc.string({ unit: 'binary' }),
)
const nested = fc.oneof(value, fc.dictionary(member, value))
const body = fc.oneof(
  fc.string(),
  fc.uint8Array(),
  fc.dictionary(member, nested).map((fields) => JSON.stringify(fields)),
)
const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json; charset=x',
      'text/plain',
      'application/x-www-form-urlencoded',
      ';,',
    ),
    'accept-version': fc.string({ unit: fc.constantFrom(...'0123456789.x*^~<>=| -v,a'.split('')), maxLength: 30 }),
  },
  { requiredKeys: [] },
)

test('nothing that can be sent makes the service fail in a way it does not document, and what is refused records nothing', async () => {
  const sandbox = await aSandbox()
  const paths = gameofwhales.routes.filter(({ method }) => method === 'POST').map(({ path }) => path)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), body, headers, fc.webQueryParameters(), async (path, sent, head, query) => {
      const before = await rowsOf(sandbox)
      const reply = await sandbox.ask(`/gameofwhales${path}?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...head },
        body: sent,
      })
      const answer = (await reply.json()) as { code?: string; message?: string }
      if (reply.status === 200) return
      if (reply.status >= 500) expect(answer.message).toMatch(/^caused by UnprocessableEntityError: (Game|Profile) not found$/)
      else expect(reply.status).toBe(400)
      expect(await rowsOf(sandbox)).toEqual(before)
    }),
    { numRuns: 400 },
  )
  await expectGoodRows(sandbox)
})

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
const receipt = fc.oneof(
  text,
  fc.json(),
  fc
    .record({
      Store: fc.constantFrom('GooglePlay', 'AppleAppStore', 'SamsungApps', 'fake'),
      TransactionID: text,
      Payload: fc.oneof(text, fc.json(), fc.base64String()),
    })
    .map((container) => JSON.stringify(container)),
)

test('whatever receipt comes with a right call is answered 200 with one of the states, and nothing forged is legal', async () => {
  const sandbox = await aSandbox()
  const common = { ip: '1', locale: 'l', platform: 'ios', store: 'AppleAppStore', version: '' }
  const event = fc.record({
    product: text,
    currency: text,
    price: fc.double({ min: 0.01, noNaN: true, noDefaultInfinity: true }),
    receipt,
    transactionId: text,
    at: fc.double({ noNaN: true, noDefaultInfinity: true }),
    verify: fc.constant(true),
  })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('receipt', 'purchase'), event, text, async (method, sent, user) => {
      const reply = await sandbox.ask(`/gameofwhales/${method}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ game: 'sandbox-game', user, common, event: sent }),
      })
      expect(reply.status).toBe(200)
      const answer = (await reply.json()) as { receipts: { verifyState: string }[]; properties: { revenue: number } }
      expect(answer.receipts[0]?.verifyState).toMatch(/^(illegal|undefined|double)$/)
      expect(answer.properties.revenue).toEqual(expect.any(Number))
    }),
    { numRuns: 300 },
  )
  await expectGoodRows(sandbox)
})
