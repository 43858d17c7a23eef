import { expect, onTestFinished, test, vi } from 'vitest'
import { useGlobalTimers } from '../support/global-timers.js'
import { listening } from '../support/listening.js'
import { aSandbox, post, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

useGlobalTimers()

const aShop = (wishes: SandboxWishes = {}) => aSandbox({ roster: [shop], seedDocument: {}, ...wishes })
const buy = (sandbox: TestSandbox, id: string) => sandbox.ask('/shop/purchases', post({ id }))

/** Reads a stream of events until a text is in it, and answers all that came. */
function readerOf(answer: Response) {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  onTestFinished(() => reader.cancel())
  let got = ''
  return {
    async until(text: string): Promise<string> {
      while (!got.includes(text)) {
        const { value, done } = await reader.read()
        if (done) return `${got}(over)`
        got += value
      }
      return got
    },
  }
}

const idsIn = (text: string) => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id)

test('entries come as they happen, each on one line under its id', async () => {
  const sandbox = await aShop()
  await buy(sandbox, 'before')
  const answer = await sandbox.ask('/_sandbox/traffic/stream')
  const events = readerOf(answer)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
  expect(await events.until('\n\n')).toBe(': entries follow\n\n')

  await buy(sandbox, 'a')

  const text = await events.until('"id":"r-2"')
  const [, id, event, data = ''] = /id: (.*)\nevent: (.*)\ndata: (.*)\n\n$/.exec(text) ?? []
  expect([id, event]).toEqual(['r-2', 'traffic'])
  expect(JSON.parse(data)).toEqual(await sandbox.control('GET', 'traffic/r-2'))
})

test('a listener that comes back gets what it missed first', async () => {
  const sandbox = await aShop()
  for (const id of ['a', 'b', 'c']) await buy(sandbox, id)

  const events = readerOf(await sandbox.ask('/_sandbox/traffic/stream', { headers: { 'Last-Event-ID': 'r-1' } }))
  await events.until('id: r-3')
  await buy(sandbox, 'd')

  expect(idsIn(await events.until('id: r-4'))).toEqual(['r-2', 'r-3', 'r-4'])
})

test.each(['r-77', 'nonsense'])('after an unknown id, %s, all that is kept comes', async (id) => {
  const sandbox = await aShop({ trafficLimit: 2 })
  for (const order of ['a', 'b', 'c']) await buy(sandbox, order)

  const events = readerOf(await sandbox.ask('/_sandbox/traffic/stream', { headers: { 'Last-Event-ID': id } }))

  expect(idsIn(await events.until('id: r-3'))).toEqual(['r-2', 'r-3'])
})

test('a listener that does not read costs nothing and is told what it missed', async () => {
  const sandbox = await aShop({ trafficLimit: 3 })
  const events = readerOf(await sandbox.ask('/_sandbox/traffic/stream'))
  await events.until('entries follow')
  for (let at = 1; at <= 20; at++) await buy(sandbox, `o-${at}`)

  const text = await events.until('id: r-20')

  expect(text).toMatch(/^: \d+ entries were dropped before they could be sent$/m)
  expect(idsIn(text).length).toBeLessThan(10)
})

test('every listener of a workspace hears of it, and of it alone', async () => {
  const sandbox = await aShop()
  const here = [1, 2, 3].map(async () => readerOf(await sandbox.ask('/_sandbox/traffic/stream')))
  const listeners = await Promise.all(here)
  await sandbox.ask('/@other/shop/purchases', post({ id: 'x' }))
  await buy(sandbox, 'a')

  for (const listener of listeners) expect(idsIn(await listener.until('id: r-2'))).toEqual(['r-2'])
})

test('a reset does not end a stream', async () => {
  const sandbox = await aShop()
  const events = readerOf(await sandbox.ask('/_sandbox/traffic/stream'))
  await buy(sandbox, 'a')
  await events.until('id: r-1')

  await sandbox.control('POST', 'reset')
  await buy(sandbox, 'a')

  expect(idsIn(await events.until('id: r-2'))).toEqual(['r-1', 'r-2'])
})

test('a silent stream is kept alive by a comment every 15 seconds', async () => {
  const sandbox = await aShop()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const events = readerOf(await sandbox.ask('/_sandbox/traffic/stream'))
  await events.until('entries follow')
  const beat = events.until('still here')
  await new Promise((resolve) => setImmediate(resolve))

  await vi.advanceTimersByTimeAsync(15_000)

  expect(await beat).toContain(': still here\n\n')
})

test('streams end when the sandbox stops, also on a socket', async () => {
  const sandbox = await aShop()
  const port = await listening(sandbox)
  const events = readerOf(await fetch(`http://127.0.0.1:${port}/_sandbox/traffic/stream`))
  await events.until('entries follow')

  sandbox.beginClosing()

  expect(await events.until('never')).toContain('(over)')
})

test('a listener that leaves is forgotten', async () => {
  const sandbox = await aShop()
  const reader = (await sandbox.ask('/_sandbox/traffic/stream')).body!.getReader()
  await reader.read()

  await reader.cancel()

  expect((await buy(sandbox, 'a')).status).toBe(200)
  expect(sandbox.reports).toEqual([])
})
