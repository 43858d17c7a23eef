import { expect, onTestFinished, test } from 'vitest'
import { configSchema } from '../../src/sandbox/config.js'
import { startSandbox } from '../../src/sandbox/start.js'
import { raw } from '../support/listening.js'

test.each<[string, string, number, string]>([
  ['no HTTP at all', 'HELO there\r\n\r\n', 400, 'HELO there'],
  ['a proxy’s CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n', 405, ''],
  ['headers over the limit', `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'GET / HTTP/1.1'],
])('%s is answered with a problem and kept as an entry', async (_name, text, status, begin) => {
  const running = await startSandbox({ config: configSchema.parse({ memory: true, port: 0 }), report: () => {} })
  onTestFinished(async () => void (await running.stop()))

  const answer = await raw(Number(new URL(running.url).port), text)

  expect(answer.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  const reply = await running.sandbox.fetch(new Request(`${running.url}/_sandbox/traffic?outcome=unparsable`))
  const { entries } = (await reply.json()) as { entries: { status: number; vendor: null; workspace: string; body: { text: string } }[] }
  expect(entries).toMatchObject([{ vendor: null, workspace: 'default', status }])
  expect(entries[0]!.body.text.startsWith(begin)).toBe(true)
})
