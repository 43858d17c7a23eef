import { brotliDecompressSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { aSandbox } from '../support/sandbox.js'
import { builtPage } from './built-page.js'

beforeAll(builtPage)

const ask = async (path: string, headers: Record<string, string> = {}) => (await aSandbox()).ask(path, { headers })

test('the page lets nothing run but its own scripts and styles', async () => {
  const reply = await ask('/_sandbox/')

  expect(reply.status).toBe(200)
  const policy = reply.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).not.toContain('unsafe')
  expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8')
})

test('without its last slash the address leads to the page, workspace and query kept', async () => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask('/@ci-7/_sandbox?x=1', { redirect: 'manual' })

  expect(reply.status).toBe(308)
  expect(new URL(reply.headers.get('location')!, 'http://127.0.0.1/@ci-7/_sandbox').pathname).toBe('/@ci-7/_sandbox/')
})

test('files come compressed as the browser takes them, and may be kept for ever', async () => {
  const sandbox = await aSandbox()
  const html = await (await sandbox.ask('/_sandbox/')).text()
  const script = /src="\.\/(page\/[^"]+\.js)"/.exec(html)![1]!

  const plain = await sandbox.ask(`/_sandbox/${script}`)
  const packed = await sandbox.ask(`/_sandbox/${script}`, { headers: { 'Accept-Encoding': 'gzip;q=0, br' } })

  expect([plain.status, packed.status]).toEqual([200, 200])
  expect(packed.headers.get('content-encoding')).toBe('br')
  expect(packed.headers.get('cache-control')).toContain('immutable')
  expect(brotliDecompressSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe(await plain.text())
})

test('page, scripts and styles together weigh less than 150 kB', async () => {
  const sandbox = await aSandbox()
  const html = await (await sandbox.ask('/_sandbox/')).text()
  const files = [...html.matchAll(/(?:src|href)="\.\/(page\/[^"]+)"/g)].map(([, file]) => `/_sandbox/${file}`)

  let bytes = 0
  for (const file of ['/_sandbox/', ...files]) {
    bytes += (await (await sandbox.ask(file, { headers: { 'Accept-Encoding': 'gzip' } })).arrayBuffer()).byteLength
  }

  expect(files).toHaveLength(2)
  expect(bytes).toBeLessThan(150_000)
})

test.each(['/_sandbox/page/nothing.js', '/_sandbox/page/..%2Findex.html', '/_sandbox/page/index.ts'])(
  '%s is no file of the page',
  async (path) => {
    const reply = await ask(path)

    expect(reply.status).toBe(404)
    expect(reply.headers.get('content-type')).toBe('application/problem+json')
  },
)

test('page and files need no control token, what they ask for does', async () => {
  const sandbox = await aSandbox({ controlToken: 'secret' })

  const replies = [await sandbox.ask('/_sandbox/'), await sandbox.ask('/_sandbox/page/x.js'), await sandbox.ask('/_sandbox/devices')]

  expect(replies.map(({ status }) => status)).toEqual([200, 404, 401])
})
