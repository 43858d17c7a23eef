import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { teak } from '../../../src/vendors/teak/index.js'
import { aSandbox } from '../../support/sandbox.js'
import { purchase } from './requests.js'

const recording = ['purchases', 'players', 'sessions', 'sdkReports']
const type = fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain', 'application/json;charset=latin1', '')

const changed = fc
  .dictionary(
    fc.constantFrom(...Object.keys(purchase), 'happened_at', 'timezone_id', 'country_code', 'deep_link', '__proto__'),
    fc.jsonValue(),
  )
  .map((changes) => JSON.stringify({ ...purchase, ...changes }))

const body = fc.oneof(changed, fc.string(), fc.uint8Array(), fc.json(), fc.webQueryParameters())

test('no request makes the server fail, and what is refused changes nothing', async () => {
  const sandbox = await aSandbox()
  // The total, not the rows: a list grows with each run, and ends at a thousand.
  const totalOf = async (table: string) => ((await sandbox.control('GET', `tables/teak/${table}?limit=1`)) as { total: number }).total
  const count = async () => Promise.all(recording.map(totalOf))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...teak.routes),
      body,
      type,
      fc.webQueryParameters(),
      async ({ method, path }, sent, contentType, query) => {
        const before = await count()
        const reply = await sandbox.ask(`/teak${path}?${query}`, { method, headers: { 'Content-Type': contentType }, body: sent })
        expect(reply.status).toBeLessThan(500)
        expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
        if (reply.status >= 300) expect(await count()).toEqual(before)
      },
    ),
    { numRuns: 400 },
  )
})
