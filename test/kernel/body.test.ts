import { expect, test } from 'vitest'
import { fieldsWithPlus, mediaTypeOf, nearMiss, readForm, readJson, readJsonObject, readText } from '../../src/kernel/body.js'

const bytes = (text: string) => Buffer.from(text)

test('malformed UTF-8 is refused, not replaced', () => {
  expect(readText(Buffer.from([0x61, 0xff]))).toMatchObject({ ok: false })
  expect(readText(bytes('a€'))).toEqual({ ok: true, value: 'a€' })
})

test.each(['[]', '"x"', '1', 'null', 'true'])('%s is no JSON object', (text) => {
  expect(readJsonObject(bytes(text))).toMatchObject({ ok: false, reason: expect.stringContaining('not an object') })
})

test('nesting is refused where it is too deep, and brackets in texts do not count', () => {
  expect(readJson('['.repeat(100_000))).toMatchObject({ ok: false, reason: expect.stringContaining('500 levels') })
  expect(readJson(`${'['.repeat(499)}${']'.repeat(499)}`)).toMatchObject({ ok: true })
  expect(readJson(JSON.stringify({ text: `\\"${'['.repeat(5000)}` }))).toMatchObject({ ok: true })
})

test('a form is an object of texts, of a repeated name the last counts', () => {
  expect(readForm(bytes('a=1&b=x+y%26z&a=2&c'))).toEqual({
    ok: true,
    value: Object.assign(Object.create(null), { a: '2', b: 'x y&z', c: '' }),
  })
})

test('a form member cannot reach a prototype', () => {
  const form = readForm(bytes('__proto__=x&constructor=y'))

  expect(form.ok && Object.keys(form.value)).toEqual(['__proto__', 'constructor'])
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})

test.each(['a=%', 'a=%zz', 'a=%ff', '%e0%a4=1'])('the broken escape in %s is refused', (text) => {
  expect(readForm(bytes(text))).toMatchObject({ ok: false })
})

test.each([
  [undefined, ''],
  ['application/json', 'application/json'],
  ['Application/JSON; charset=UTF-8', 'application/json'],
  [' application/json ;x', 'application/json'],
])('the media type of %s is %s', (header, type) => {
  expect(mediaTypeOf(header)).toBe(type)
})

test('a byte order mark is skipped or kept, as a vendor says, and JSON with one kept is refused with the way out', () => {
  const marked = bytes('\ufeff{"a":1}')

  expect(readJsonObject(marked)).toEqual({ ok: true, value: { a: 1 } })
  expect(readJsonObject(marked, { byteOrderMark: 'keep' })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('byte order mark (EF BB BF)'),
  })
  expect(readJsonObject(bytes('\ufeff\ufeff{"a":1}'))).toMatchObject({ ok: false, reason: expect.stringContaining('byte order mark') })
  expect(readJsonObject(bytes('{"a":"\ufeff"}'), { byteOrderMark: 'keep' })).toEqual({ ok: true, value: { a: '\ufeff' } })
})

test.each(['\ufeff{"a":1}', '{"a":1}'])('UTF-16 is refused by its name: %j', (text) => {
  const littleEndian = Buffer.from(text, 'utf16le')

  for (const body of [littleEndian, Buffer.from(littleEndian).swap16()]) {
    expect(readJsonObject(body)).toMatchObject({ ok: false, reason: expect.stringMatching(/UTF-16.*UTF-8/) })
  }
})

test('a byte order mark before a form belongs to its first name', () => {
  expect(readForm(bytes('\ufeffa=1&b=2'))).toMatchObject({ ok: true, value: { '\ufeffa': '1', b: '2' } })
})

test.each([
  ['name=caf%E9', 'the form holds %E9 in name, a percent escape that is not UTF-8; "é" is %C3%A9 in UTF-8'],
  ['a=1&name=%C3%A9+%fc%df', 'the form holds %fc%df in name, a percent escape that is not UTF-8; "üß" is %C3%BC%C3%9F in UTF-8'],
  ['name=%ED%A0%80', 'the form holds %ED%A0%80 in name, a percent escape that is not UTF-8'],
  ['off=20%', 'the form holds a broken percent escape, "%" in off; a percent sign itself is %25'],
  ['off=%zz&a=1', 'the form holds a broken percent escape, "%zz" in off; a percent sign itself is %25'],
])('the form %s is refused with its escape and what to send instead', (text, reason) => {
  expect(readForm(bytes(text))).toEqual({ ok: false, reason, parserText: reason.split('; ', 1)[0] })
})

test.each(['amount[]', 'amount[0]', 'purchase[amount]', 'Amount', ' amount', 'amount '])(
  'the name %j is told from the one that was wanted, amount',
  (name) => {
    expect(nearMiss({ [name]: '1' }, 'amount')).toBe(` The request has ${JSON.stringify(name)}, which is another name: send amount.`)
  },
)

test('a name behind a byte order mark is told as such, and unlike names are not mentioned', () => {
  expect(nearMiss({ '\ufeffgame_id': '1' }, 'game_id')).toContain('byte order mark (EF BB BF) stands before the name game_id')
  expect(nearMiss({ gameId: '1' }, 'game_id')).toContain('"gameId"')
  expect(nearMiss({ game: '1', amount: '1', id: '1' }, 'game_id')).toBe('')
})

test('fields with a "+" are found, also in a long text of the character that stands before the value', () => {
  expect(fieldsWithPlus('a=1+%32&b=1&c&d+e=1&f=+&a%2Bb=+&g+h=+&i=+%2B&j+')).toEqual([
    ['a', '1+2'],
    ['f', '+'],
    ['a+b', '+'],
    ['g h', '+'],
  ])
  expect(fieldsWithPlus(`a=${'='.repeat(1_000_000)}`)).toEqual([])
})
