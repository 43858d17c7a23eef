import { expect, test } from 'vitest'
import { posixCurlLine, windowsCurlLine, windowsCurlNote } from '../../src/cli/curl-line.js'

const url = 'http://127.0.0.1:4010/@ci-7/teak/v2/purchase'
const headers = { 'Content-Type': 'application/json' }

test('a line for a POSIX shell is in single quotes', () => {
  const line = posixCurlLine(url, { headers, body: `{"a":"it's"}` })

  expect(line).toBe(`curl -i '${url}' -H 'Content-Type: application/json' --data-raw '{"a":"it'\\''s"}'`)
})

test('a line for Windows is in double quotes, and its JSON has no character that cmd acts on', () => {
  const body = { a: 'x&y|<z>^%PATH%! "q" \\', ü: '漢' }
  const line = windowsCurlLine(url, { headers, body: JSON.stringify(body) })
  const start = `curl.exe -i "${url}" -H "Content-Type: application/json" --data-raw "`

  expect(line.slice(0, start.length)).toBe(start)
  expect(line).not.toMatch(/[&|<>^%!\u0080-\uffff]/)
  expect(
    JSON.parse(line.slice(start.length, -1).replaceAll(/(\\*)\\"/g, (_, before: string) => `${before.slice(before.length / 2)}"`)),
  ).toEqual(body)
})

test('a request without a body has none', () => {
  expect(posixCurlLine(url, { headers: {} })).toBe(`curl -i '${url}'`)
  expect(windowsCurlLine(url, { headers: {} })).toBe(`curl.exe -i "${url}"`)
})

test('a form is left as it is, because its reader knows no other spelling', () => {
  expect(windowsCurlLine(url, { headers: {}, body: 'a=1&b=%7B' })).toBe(`curl.exe -i "${url}" --data-raw "a=1&b=%7B"`)
})

test('a line that cmd would cut says so', () => {
  expect(windowsCurlNote(['curl.exe'])).not.toContain('8191')
  expect(windowsCurlNote(['curl.exe', `curl.exe ${'x'.repeat(8191)}`])).toContain(
    'This is too long for cmd, which takes 8191 characters a line; use PowerShell',
  )
})
