import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { ControlCall } from '../../src/control/call.js'
import { controlCalls } from '../../src/control/calls/index.js'
import { packagedVendors } from '../../src/sandbox/roster.js'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'
import { hostileValue } from './values.js'

const runs = { numRuns: Number(process.env['COINSLOT_FUZZ_RUNS'] ?? 12) }
/** A stream of events does not end until the client closes it. */
const calls = controlCalls({ vendors: packagedVendors, version: '0' }).filter(({ path }) => path !== '/traffic/stream')

const text = fc.oneof(
  fc.constantFrom(
    'a',
    'default',
    'teak',
    'purchases',
    '__proto__',
    'constructor',
    'toString',
    '..',
    '%2e%2e%2f',
    '%00',
    '%ff',
    '%',
    '-1',
    '0',
    'NaN',
    '1e9',
    '9'.repeat(300),
    'r-1',
    'r-99999999999999999999',
    '2026-01-01T00:00:00Z',
    'a'.repeat(300),
    '%F0%9F%92%A9',
    'x%3Ay',
    '*',
    ' ',
  ),
  fc.string({ maxLength: 20 }).map((any) => encodeURIComponent(any.toWellFormed())),
)

test('every control call takes any input and refuses with a problem', { timeout: 120_000 }, async () => {
  const sandbox = await aSandbox()
  for (const call of calls) await assail(sandbox, call)

  expect((await sandbox.ask('/_sandbox/health')).status).toBe(200)
})

async function assail(sandbox: TestSandbox, call: ControlCall): Promise<void> {
  const name = `${call.method} ${call.path}`
  const members = call.body ? membersOf(call.body) : ['a']
  const body = fc.oneof(
    {
      arbitrary: fc
        .dictionary(fc.constantFrom(...members, '__proto__', 'extra'), hostileValue, { maxKeys: 5 })
        .map((value) => JSON.stringify(value)),
      weight: 5,
    },
    { arbitrary: hostileValue.map((value) => JSON.stringify(value) ?? ''), weight: 2 },
    { arbitrary: fc.string({ maxLength: 30 }), weight: 1 },
    { arbitrary: fc.constantFrom('', '{', '['.repeat(50_000), '{"__proto__":{"polluted":true}}', '\ud800'), weight: 1 },
  )
  const path = fc.array(text, { minLength: 4, maxLength: 4 }).map((values) => call.path.replaceAll(/\{\w+\*?\}/g, () => values.pop()!))
  const query = fc.dictionary(fc.constantFrom(...Object.keys(call.query?.shape ?? {}), 'x', '__proto__'), text, { maxKeys: 3 })

  await fc.assert(
    fc.asyncProperty(path, query, body, async (where, asked, sent) => {
      const search = Object.entries(asked).map(([member, value]) => `${member}=${value}`)
      const init =
        call.method === 'GET' ? { method: 'GET' } : { method: call.method, body: sent, headers: { 'Content-Type': 'application/json' } }
      const reply = await sandbox.ask(`/_sandbox${where}?${search.join('&')}`, init)
      const answer = await reply.text()

      expect(reply.status, `${name}: ${answer.slice(0, 500)}`).toBeLessThan(500)
      // A verification that fails is a result, not a refusal.
      const isRefusal = reply.status >= 400 && !([409, 417].includes(reply.status) && call.path === '/verify')
      if (isRefusal) expect(reply.headers.get('content-type'), `${name}: ${answer.slice(0, 200)}`).toBe('application/problem+json')
      if (reply.status === 422) expect((JSON.parse(answer) as { detail: string }).detail).not.toBe('')
      expect(Object.keys(Object.prototype)).toEqual([])
    }),
    runs,
  )
}

function membersOf(schema: z.ZodType): [string, ...string[]] {
  const { properties = {}, anyOf = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const names = [properties, ...anyOf.map((one) => (one as { properties?: object }).properties ?? {})].flatMap((shape) =>
    Object.keys(shape),
  )
  return ['a', ...names]
}
