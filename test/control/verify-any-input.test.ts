import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aSandbox, post } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

const oddText = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '*', '4xx', '\ud800', 'shop', '%zz', '{"Store":'))
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    oddText,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(oddText, tie('value'), { maxKeys: 4 }),
})).value
const match = fc.record(
  { vendor: fc.oneof(fc.constant('shop'), oddText), method: oddText, path: oddText, body: anything, query: anything, headers: anything },
  { requiredKeys: [] },
)
const fault = fc.record(
  {
    match: fc.oneof(match, anything),
    position: oddText,
    effect: fc.oneof(
      fc.record(
        { kind: fc.constantFrom('reply', 'delay', 'garble'), status: fc.integer(), name: oddText, ms: fc.constant(0), body: anything },
        { requiredKeys: ['kind'] },
      ),
      anything,
    ),
    times: anything,
  },
  { requiredKeys: [] },
)

test('no fault, verification or receipt, however odd, makes a server error or stops the vendor', async () => {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {} })
  await fc.assert(
    fc.asyncProperty(fault, fc.oneof(match, anything), anything, async (rule, asked, receipt) => {
      const send = (path: string, body: unknown) => sandbox.ask(`/_sandbox/${path}`, post(body))
      expect((await send('faults', rule)).status).toBeLessThan(500)
      expect((await send('verify', asked)).status).toBeLessThan(500)
      expect((await send('receipts/inspect', { receipt })).status).toBeLessThan(500)
      const status = (await sandbox.ask('/shop/purchases?a=1', post({ id: 'a', more: receipt }))).status
      expect(status).toBeLessThan(600)
      await sandbox.control('DELETE', 'faults')
      expect((await sandbox.ask('/_sandbox/traffic?limit=1')).status).toBe(200)
    }),
    { numRuns: 150 },
  )
  for (const path of ['traffic.har', 'report', 'coverage', 'metrics']) expect((await sandbox.ask(`/_sandbox/${path}`)).status).toBe(200)
})
