import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { kakao } from '../../../src/vendors/kakao/index.js'
import { aSandbox } from '../../support/sandbox.js'
import { ask, credentials, purchase } from './requests.js'

const recording = ['purchaseLogs', 'logs', 'messages', 'players', 'accessTokens', 'badAdminKeys']

/** Header values as Node lets them through. */
const headerText = fc.string({ unit: fc.constantFrom(...Array.from('aZ09 -_;=/\u00e9%"')), maxLength: 20 })

const body = fc.oneof(
  fc.string(),
  fc.uint8Array(),
  fc.json(),
  fc
    .dictionary(
      fc.constantFrom(...Object.keys(purchase), 'messageIds', 'message', 'items', 'zat', '__proto__', 'constructor'),
      fc.jsonValue(),
    )
    .map((value) => JSON.stringify(value)),
)

test('no body makes the server fail, and what is refused changes nothing', async () => {
  const sandbox = await aSandbox()
  const paths = kakao.routes.map((route) => route.path)
  // The total, not the rows: a list grows with each run, and ends at a thousand.
  const totalOf = async (table: string) => ((await sandbox.control('GET', `tables/kakao/${table}?limit=1`)) as { total: number }).total
  const count = async () => Promise.all(recording.map(totalOf))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), body, fc.webQueryParameters(), async (path, sent, query) => {
      const before = await count()
      const reply = await sandbox.ask(`/kakao${path}?${query}`, ask(sent))
      expect(reply.status).toBeLessThan(500)
      if (reply.status !== 200) expect(await count()).toEqual(before)
    }),
    { numRuns: 300 },
  )
})

test('no headers make the server fail, and wrong ones record nothing', async () => {
  const sandbox = await aSandbox()
  const headers = fc.dictionary(fc.constantFrom(...Object.keys(credentials), 'Content-Type', 'zat'), headerText)
  await fc.assert(
    fc.asyncProperty(headers, async (changes) => {
      const reply = await sandbox.ask('/kakao/service/v3/log/writePurchaseLog', ask(purchase, changes))
      expect(reply.status).toBeLessThan(500)
    }),
    { numRuns: 200 },
  )
  const logs = await sandbox.rows('kakao', 'purchaseLogs')
  expect(logs.every((row) => row['appId'] === '103815')).toBe(true)
})
