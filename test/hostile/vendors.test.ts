import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packagedVendors } from '../../src/sandbox/roster.js'
import { exchangesOf } from '../support/exchanges.js'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'
import { answered, documentedFailures, nearBody, nearHeaders, nearTarget, requestOf, type HostileRequest } from './kit.js'
import { oddValues } from './values.js'

/** A second of anybody's time; on a machine that does other things as well, several. */
const longestMs = 5_000
/** Mbaasy keeps what it takes for forged, marked as a fraud, and answers with it. */
const keptForgery = 402
const runs = { numRuns: Number(process.env['COINSLOT_FUZZ_RUNS'] ?? 40) }

describe.each(packagedVendors.map((vendor) => [vendor.id, vendor] as const))('%s', (id, vendor) => {
  const failures = documentedFailures(vendor)
  const routes = exchangesOf(id).map((entry) => [`${entry.route} (${entry.file})`, requestOf(id, entry)] as const)

  test.each(routes)('%s: whatever comes near it is answered in the vendor’s words, and a refusal records nothing', async (_name, good) => {
    const sandbox = await aSandbox()
    const near = fc.record({
      body: nearBody(Buffer.from(good.body).toString()),
      headers: nearHeaders(good.headers),
      target: nearTarget(`/${id}`, good.target.slice(id.length + 1)),
    })

    await fc.assert(
      fc.asyncProperty(near, async (changes) => {
        await expectVendorWords(sandbox, failures, { method: good.method, ...changes, body: Buffer.from(changes.body, 'latin1') })
      }),
      runs,
    )
  })

  test('an odd value in the place of any member is answered in the vendor’s words, and a refusal records nothing', async () => {
    const sandbox = await aSandbox()
    for (const [, good] of routes)
      for (const text of withOddMembers(Buffer.from(good.body).toString())) {
        const body = Buffer.from(text)
        await expectVendorWords(sandbox, failures, { ...good, headers: { ...good.headers, 'content-length': String(body.length) }, body })
      }
  })

  test('any verb on any path is answered in the vendor’s words', async () => {
    const sandbox = await aSandbox()
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH', '')
    const path = fc.oneof(fc.constantFrom(...vendor.routes.map((route) => route.path)), fc.webPath(), fc.string({ maxLength: 60 }))

    await fc.assert(
      fc.asyncProperty(method, path, async (verb, where) => {
        const { reply, outcome } = await answered(sandbox, { method: verb, target: `/${id}${where}`, headers: {}, body: Buffer.alloc(0) })

        expect(reply!.status < 500 || failures.has(reply!.status), `${reply!.status} ${outcome}`).toBe(true)
      }),
      runs,
    )
  })
})

/** Sends a request and checks that the vendor answers it in its own words, within the time, with an explanation, and that a refusal leaves no row. */
async function expectVendorWords(sandbox: TestSandbox, failures: Set<number>, request: HostileRequest): Promise<void> {
  const { reply, outcome, explanation, changes: rows, durationMs } = await answered(sandbox, request)

  expect(reply).not.toBeNull()
  expect(reply!.status < 500 || failures.has(reply!.status), `${reply!.status} ${outcome}: ${explanation}`).toBe(true)
  expect(reply!.headers['Content-Type'] ?? '').not.toContain('problem')
  expect(outcome).toMatch(/^[a-z][a-z0-9-]*$/)
  expect(explanation.length, 'an explanation').toBeGreaterThan(0)
  expect(explanation.length, 'an explanation that fits a screen').toBeLessThan(2_100)
  if (reply!.status >= 400 && reply!.status !== keptForgery) expect(rows, `rows touched by ${reply!.status} ${outcome}`).toEqual([])
  expect(durationMs).toBeLessThan(longestMs)
  expect(Object.keys(Object.prototype)).toEqual([])
}

/** Copies of a JSON text or a form, each with one member, at any depth, replaced by one odd value. */
function* withOddMembers(text: string): Generator<string> {
  if (text.startsWith('{')) {
    for (const changed of oddCopies(JSON.parse(text))) yield JSON.stringify(changed)
    return
  }
  for (const name of new URLSearchParams(text).keys())
    for (const odd of oddValues) {
      const form = new URLSearchParams(text)
      form.set(name, typeof odd === 'string' ? odd : JSON.stringify(odd))
      yield form.toString()
    }
}

function* oddCopies(value: unknown): Generator {
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    const copyWith = (replaced: unknown) => Object.assign(structuredClone(value), { [name]: replaced }) as unknown
    for (const odd of oddValues) yield copyWith(odd)
    for (const changed of oddCopies(member)) yield copyWith(changed)
  }
}
