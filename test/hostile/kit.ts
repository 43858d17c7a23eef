import * as fc from 'fast-check'
import type { Vendor } from '../../src/contract.js'
import type { Head } from '../../src/kernel/incoming.js'
import { statusesOf } from '../../src/kernel/outcome.js'
import type { Entry } from '../../src/traffic/traffic.js'
import type { RecordedExchange } from '../support/exchanges.js'
import type { TestSandbox } from '../support/sandbox.js'
import { hostileText, hostileValue } from './values.js'

/** A request as bytes and lines, so that nothing between the test and the sandbox tidies it up. */
export interface HostileRequest {
  method: string
  target: string
  headers: Record<string, string>
  body: Uint8Array
}

/** The traffic entry of the request. */
export async function answered(sandbox: TestSandbox, { method, target, headers, body }: HostileRequest): Promise<Entry> {
  const head: Head = {
    method,
    target,
    headers,
    rawHeaders: Object.entries(headers).flat(),
    httpVersion: '1.1',
    address: '127.0.0.1',
    encrypted: false,
  }
  const { dispatcher, workspaces } = sandbox.context
  await dispatcher.answer(head, dispatcher.locate(head), { kind: 'whole', bytes: body })
  const { traffic } = await workspaces.open('default')
  return traffic.kept().at(-1)!
}

/** A recorded entry as a request to start from. */
export function requestOf(vendor: string, { request }: RecordedExchange): HostileRequest {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { method: request.method, target: `/${vendor}${request.path}`, headers, body: Buffer.from(request.body) }
}

/** Statuses of 500 and more that a vendor's specification knows. */
export function documentedFailures(vendor: Vendor): Set<number> {
  return new Set(vendor.routes.flatMap(({ outcomes }) => Object.values(outcomes).flatMap(statusesOf)).filter((status) => status >= 500))
}

/** A body near a good one, as Latin-1 text so that a report can be read: members replaced, dropped, doubled or renamed, bytes cut, changed or put in. */
export function nearBody(text: string): fc.Arbitrary<string> {
  const isJson = text.startsWith('{')
  const members = isJson ? Object.keys(JSON.parse(text) as object) : [...new URLSearchParams(text).keys()]
  const member = fc.constantFrom(...(members.length > 0 ? members : ['a']))
  const written = isJson ? nearJson(text, member) : nearForm(text, member)
  const bodies = fc.oneof(
    { arbitrary: written.map((changed) => Buffer.from(changed)), weight: 6 },
    { arbitrary: nearBytes(text), weight: 3 },
    { arbitrary: fc.constantFrom('', 'null', '[]', '""', '{', '{}', ' ', '\ufeff{}', '\0').map((odd) => Buffer.from(odd)), weight: 1 },
  )
  return bodies.map((bytes) => Buffer.from(bytes).toString('latin1'))
}

function nearJson(text: string, member: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const parse = () => JSON.parse(text) as Record<string, unknown>
  const nested = Object.entries(parse()).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null ? Object.keys(value).map((inner) => [name, inner] as const) : [],
  )
  const inner = fc.constantFrom(...(nested.length > 0 ? nested : [['a', 'b'] as const]))
  return fc.oneof(
    fc.tuple(member, hostileValue).map(([name, value]) => JSON.stringify({ ...parse(), [name]: value })),
    fc
      .tuple(inner, hostileValue)
      .map(([[outer, name], value]) => JSON.stringify({ ...parse(), [outer]: { ...(parse()[outer] as object), [name]: value } })),
    fc.tuple(member, hostileText).map(([name, value]) => `${text.trimEnd().slice(0, -1)},${JSON.stringify(name)}:${value}}`),
    fc
      .tuple(member, fc.constantFrom('__proto__', 'constructor', '', '\ud800', 'a'.repeat(5000)))
      .map(([name, to]) => text.replaceAll(`"${name}"`, () => JSON.stringify(to))),
    fc.tuple(member, member).map(([one, other]) => JSON.stringify({ ...parse(), [one]: parse()[other] })),
    member.map((name) => JSON.stringify(Object.fromEntries(Object.entries(parse()).filter(([key]) => key !== name)))),
    fc.constant(`[${text}]`),
  )
}

function nearForm(text: string, member: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const value = hostileValue.map((odd) => encodeURIComponent((typeof odd === 'string' ? odd : (JSON.stringify(odd) ?? '')).toWellFormed()))
  return fc.oneof(
    fc.tuple(member, value).map(([name, odd]) => `${text}&${name}=${odd}`),
    fc
      .tuple(member, fc.constantFrom('%', '%zz', '%00', '%ff%fe', '%c3%28', '+', '=', '%26', 'a'.repeat(3_000)))
      .map(([name, odd]) => `${text}&${name}=${odd}`),
    fc
      .constantFrom('__proto__=x', '__proto__[polluted]=1', 'constructor[prototype][polluted]=1', '=', '&&&', '=x', '%=%')
      .map((odd) => `${text}&${odd}`),
    member.map((name) =>
      text
        .split('&')
        .filter((pair) => !pair.startsWith(`${name}=`))
        .join('&'),
    ),
    fc.constant(text.replaceAll('&', ';')),
  )
}

function nearBytes(text: string): fc.Arbitrary<Uint8Array> {
  const good = Buffer.from(text)
  const at = fc.nat({ max: Math.max(0, good.length - 1) })
  return fc.oneof(
    at.map((end) => good.subarray(0, end)),
    fc
      .tuple(at, fc.integer({ min: 0, max: 255 }))
      .map(([place, byte]) => Buffer.from(good.map((old, index) => (index === place ? byte : old)))),
    fc
      .tuple(at, fc.uint8Array({ maxLength: 8 }))
      .map(([place, put]) => Buffer.concat([good.subarray(0, place), put, good.subarray(place)])),
    fc.uint8Array({ maxLength: 60 }),
  )
}

/** Headers near good ones. */
export function nearHeaders(good: Readonly<Record<string, string>>): fc.Arbitrary<Record<string, string>> {
  const names = [...new Set([...Object.keys(good), 'content-type', 'authorization', 'accept-version', 'cookie', 'origin'])]
  const odd = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
      'application/json, text/html',
      ';;;',
      '*/*',
      'Basic',
      'Basic !!!',
      'Bearer ',
      'null',
      '__proto__',
      '1 || 2',
      '>=0 <9999999999999999999',
      'a'.repeat(8000),
    ),
    fc.string({ unit: fc.constantFrom(...'aA0/;=," \t\u00e9\u00ff-.*<>|'.split('')), maxLength: 40 }),
  )
  return fc.oneof(
    { arbitrary: fc.constant({ ...good }), weight: 5 },
    { arbitrary: fc.tuple(fc.constantFrom(...names), odd).map(([name, value]) => ({ ...good, [name]: value })), weight: 4 },
    {
      arbitrary: fc.constantFrom(...names).map((name) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name))),
      weight: 1,
    },
  )
}

/** Paths near a good one, behind the part that says whose they are. */
export function nearTarget(prefix: string, path: string): fc.Arbitrary<string> {
  const place = fc.integer({ min: 1, max: Math.max(1, path.length) })
  const near = fc.tuple(oddPart, place).map(([put, at]) => prefix + path.slice(0, at) + put + path.slice(at))
  return fc.oneof({ arbitrary: fc.constant(prefix + path), weight: 6 }, { arbitrary: near, weight: 2 })
}

const oddPart = fc.constantFrom(
  '%',
  '%2e%2e%2f',
  '%00',
  '%ff',
  '//',
  '/./',
  ';a=b',
  '?a[b]=c',
  '?__proto__=x',
  '?%',
  '%c3%28',
  '\\',
  '#x',
  '@',
  '.json',
  `?${'a=b&'.repeat(500)}`,
  '/'.repeat(50),
)
