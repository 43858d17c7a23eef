import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDate } from '../../src/receipts/app-store/receipt-date.js'
import { readPropertyList } from '../../src/receipts/app-store/property-list.js'
import { mintTransaction } from '../../src/receipts/app-store/transaction.js'
import { mintUnified } from '../../src/receipts/app-store/unified.js'
import { aContext, bundleId, element, read } from './app-store-kit.js'

const item = { productId: 'gems.10', transactionId: '1000000123456789' }
const unified = Buffer.from(mintUnified({ bundleId, items: [item] }, aContext()).receipt, 'base64')
const xcode = Buffer.from(mintUnified({ bundleId, items: [item], environment: 'Xcode' }, aContext()).receipt, 'base64')
const transaction = Buffer.from(mintTransaction({ bundleId, item }, aContext()).receipt, 'base64')
const signedData = Buffer.from('06092a864886f70d010702', 'hex')
const many = { numRuns: 400 }

/** A verdict was reached, whatever it is; and it comes with a reason where it is no. */
function judged(bytes: Uint8Array) {
  const verdict = read(Buffer.from(bytes).toString('base64'), { bundleId })
  expect(verdict.checks.length).toBeGreaterThan(0)
  if (!verdict.ok) expect(verdict.checks.some(({ ok, detail }) => ok !== true && detail.length > 0 && detail.length < 1000)).toBe(true)
  return verdict
}

test('any text at all gets a verdict', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String({ maxLength: 400 }), fc.string({ unit: 'binary' })), (text) => {
      expect(read(text).ok).toBe(false)
    }),
    many,
  )
})

test('random bytes that begin like a receipt get a verdict', () => {
  const beginnings = [
    Buffer.concat([Buffer.from('3080', 'hex'), signedData]),
    Buffer.concat([Buffer.from('30820100', 'hex'), signedData]),
    Buffer.from('{"'),
  ]
  fc.assert(
    fc.property(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 300 }), (beginning, rest) => {
      expect(judged(Buffer.concat([beginning, rest])).ok).toBe(false)
    }),
    many,
  )
})

test.each([
  ['unified', unified],
  ['Xcode', xcode],
  ['transaction', transaction],
] as const)('a %s receipt with bytes changed, cut out or put in gets a verdict', (_, receipt) => {
  const edit = fc.record({ at: fc.nat({ max: receipt.length - 1 }), remove: fc.nat({ max: 4 }), insert: fc.uint8Array({ maxLength: 4 }) })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const changed = edits.reduce(
        (bytes, { at, remove, insert }) => Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]),
        receipt,
      )
      judged(changed)
    }),
    many,
  )
})

test.each([
  ['unified', unified],
  ['Xcode', xcode],
  ['transaction', transaction],
] as const)('a %s receipt that is cut anywhere is not believed', (_, receipt) => {
  fc.assert(
    fc.property(fc.nat({ max: receipt.length - 1 }), (length) => {
      expect(judged(receipt.subarray(0, length)).ok).toBe(false)
    }),
    many,
  )
})

test('a bit changed in what is signed or in the signature never goes unnoticed', () => {
  const start = unified.indexOf(Buffer.from('06092a864886f70d010701', 'hex')) + 11
  const end = unified.indexOf('worthless')
  const content = fc.integer({ min: start, max: end - 400 })
  const signature = fc.integer({ min: unified.length - 256, max: unified.length - 1 })
  fc.assert(
    fc.property(fc.oneof(content, signature), fc.integer({ min: 0, max: 7 }), (at, bit) => {
      const changed = Buffer.from(unified)
      changed[at]! ^= 1 << bit
      expect(judged(changed).ok).toBe(false)
    }),
    many,
  )
})

test('content in a wrapper of another number is no content', () => {
  const changed = Buffer.from(unified)
  const wrapper = changed.indexOf(Buffer.from('06092a864886f70d010701', 'hex')) + 11
  expect(changed[wrapper]).toBe(0xa0)
  changed[wrapper] = 0xa1
  expect(judged(changed).checks[0]).toEqual({ name: 'parse', ok: false, detail: 'the content is a tagged element [1] in place of [0]' })
})

test.each([
  ['nested without end', Buffer.concat([Buffer.from('3080', 'hex'), signedData, Buffer.from('a080'.repeat(500_000), 'hex')]), /depth/i],
  ['nested 3000 deep', element(0x30, signedData, nested(3000)), /depth/i],
  [
    'of half a million empty elements',
    element(0x30, signedData, element(0xa0, Buffer.alloc(1_000_000).fill(Buffer.from([5, 0])))),
    /SignedData/,
  ],
  ['that claims four gigabytes', Buffer.concat([Buffer.from('3084ffffffff', 'hex'), signedData]), /length/i],
  ['whose length has 127 bytes', Buffer.concat([Buffer.from('3009', 'hex'), signedData.subarray(0, 9)]), /SignedData|few bytes|neither/],
  ['with content in half a million empty pieces', pieces(500_000), /signer/],
  ['with nothing but a name', Buffer.concat([Buffer.from([0x30, signedData.length]), signedData]), /missing/],
] as const)('a message %s is refused in bounded time', (_, bytes, detail) => {
  const start = performance.now()
  const { ok, checks } = judged(bytes)
  expect(performance.now() - start).toBeLessThan(20_000)
  expect(ok).toBe(false)
  expect(checks[0]?.detail).toMatch(detail)
})

test.each([
  ['opening braces', '{'.repeat(2_000_000)],
  ['escapes that never end', `{"${'\\n'.repeat(1_000_000)}`],
  ['white space', `{${' '.repeat(2_000_000)}`],
  ['entries and no end', `{${'a=b;'.repeat(500_000)}`],
])('a property list of %s is refused in time that grows with its length', (_, text) => {
  const start = performance.now()
  expect(judged(Buffer.from(text))).toMatchObject({ style: 'transaction', ok: false })
  expect(performance.now() - start).toBeLessThan(20_000)
})

test('a receipt has no limit of its own: one beyond four mebibytes is read', () => {
  const long = Buffer.concat([unified, Buffer.alloc(4 * 1024 * 1024)])
  expect(read(long.toString('base64'), { bundleId })).toMatchObject({ style: 'unified', ok: true })
})

test.each([
  ['unified', unified],
  ['Xcode', xcode],
  ['transaction', transaction],
] as const)('a %s receipt in Base64 without its padding says the same', (_, bytes) => {
  for (const spaces of ['', ' ', '  ']) {
    // Blanks behind a property list, bytes behind a message: each length needs another padding.
    const text = Buffer.concat([bytes, Buffer.from(spaces)]).toString('base64')
    expect(read(text.replaceAll('=', ''))).toEqual(read(text))
  }
})

test('bytes behind a unified receipt are passed over, bytes within it are not', () => {
  expect(read(Buffer.concat([unified, Buffer.from('more')]).toString('base64'), { bundleId }).ok).toBe(true)
  expect(read(Buffer.concat([unified.subarray(0, 40), Buffer.from('more'), unified.subarray(40)]).toString('base64')).ok).toBe(false)
})

test('what is neither style is told apart from a receipt that is damaged', () => {
  const styles = [
    '',
    'not base64!',
    Buffer.from('hello').toString('base64'),
    unified.subarray(0, 100).toString('base64'),
    transaction.subarray(0, 100).toString('base64'),
  ]
  expect(styles.map((text) => read(text).style)).toEqual(['neither', 'neither', 'neither', 'unified', 'transaction'])
})

test.each([unified, transaction].map((bytes) => bytes.toString('base64')))(
  'Base64 may be wrapped in lines, indented, and end in a newline',
  (text) => {
    expect(read(text.replaceAll(/(.{76})/g, '$1\r\n  ')).ok).toBe(true)
    expect(read(`\n${text.replaceAll(/(.{64})/g, '$1\n')}\n`).ok).toBe(true)
  },
)

test.each(['\ufeff', '\u00a0', '\u2003'])('Base64 with %j around it is refused, because no line wrap adds one', (blank) => {
  const text = unified.toString('base64')
  expect([read(blank + text).style, read(text + blank).style]).toEqual(['neither', 'neither'])
})

test('a plus sign that a form turned into a space is named', () => {
  const text = unified.toString('base64')
  expect(text).toContain('+')
  expect(read(text.replaceAll('+', ' ')).checks[0]?.detail).toMatch(/holds a space at position \d+: a "\+" is often lost/)
})

test('any text is a date or not, and any real date is read back', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect([undefined, text]).toContain(readDate(text)?.text)
    }),
  )
  fc.assert(
    fc.property(fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      expect(readDate(date.toISOString())?.ms).toBe(date.getTime())
      expect(readDate(`${date.toISOString().slice(0, 10)} ${date.toISOString().slice(11, 19)} Etc/GMT`)?.ms).toBe(
        Math.floor(date.getTime() / 1000) * 1000,
      )
    }),
  )
})

test.each([
  '2026-02-30T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-01-01',
  'x',
])('%s is kept as text but is no moment', (text) => {
  expect(readDate(text)).toEqual({ text, ms: null })
})

test('any text is a property list or refused as malformed', () => {
  const listLike = fc.array(fc.constantFrom('{', '}', '"', '\\', '=', ';', ' ', 'a', '\n', '<', '(')).map((parts) => `{${parts.join('')}`)
  fc.assert(
    fc.property(fc.oneof(fc.string(), listLike), (text) => {
      try {
        expect(readPropertyList(text)).toBeInstanceOf(Map)
      } catch (error) {
        expect(String(error)).toMatch(/the property list/)
      }
    }),
    { numRuns: 2000 },
  )
})

function nested(depth: number): Buffer {
  let inner: Buffer = Buffer.alloc(0)
  for (let level = 0; level < depth; level += 1) inner = element(0x30, inner)
  return inner
}

function pieces(count: number): Buffer {
  const octets = element(0x24, Buffer.alloc(count * 2).fill(Buffer.from([4, 0])))
  const content = element(0x30, Buffer.from('06092a864886f70d010701', 'hex'), element(0xa0, octets))
  const message = element(0x30, element(0x02, Buffer.from([1])), element(0x31), content, element(0x31))
  return element(0x30, signedData, element(0xa0, message))
}
