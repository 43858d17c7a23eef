import { expect, test } from 'vitest'
import { mediaTypeOf, readForm, readJson, readJsonObject, readText } from '../../src/kernel/body.js'

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
