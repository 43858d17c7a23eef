import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../src/client/create-sandbox.js'
import { StorageFull } from '../../src/store/store.js'
import { raw } from '../support/listening.js'
import { aSandbox, post } from '../support/sandbox.js'

async function aServer() {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  onTestFinished(() => sandbox.close())
  return { sandbox, port: Number(new URL(sandbox.url).port) }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`

test.each([
  ['a vendor', '/teak/', '"code":414'],
  ['no vendor', '/', 'application/problem+json'],
  ['the control API', '/_sandbox/', 'application/problem+json'],
])('a URL over 8 KiB is 414 where it is for %s', async (_whose, prefix, words) => {
  const { port } = await aServer()

  const { text } = await raw(port, get(prefix + 'x'.repeat(8_193)))

  expect(text).toContain('HTTP/1.1 414 ')
  expect(text).toContain(words)
})

test('a URL over what the parser takes for the whole head is 414, headers over it are 431', async () => {
  const { port, sandbox } = await aServer()

  expect((await raw(port, get(`/teak/${'x'.repeat(20_000)}`))).text).toContain('HTTP/1.1 414 ')
  expect((await raw(port, `GET /teak/x HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)).text).toContain(
    'HTTP/1.1 431 ',
  )
  expect((await sandbox.traffic()).map(({ status, outcome }) => [status, outcome])).toEqual([
    [431, 'unparsable'],
    [414, 'unparsable'],
  ])
})

test('what the parser refuses in the middle of a body is told once', async () => {
  const { port, sandbox } = await aServer()

  const { text } = await raw(port, 'POST /teak/v2/purchase HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n')

  expect(text).toContain('HTTP/1.1 400 ')
  expect(await sandbox.traffic()).toMatchObject([{ vendor: null, status: 400, outcome: 'unparsable' }])
})

test('a client that leaves before its whole body was there got no answer', async () => {
  const { port, sandbox } = await aServer()
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('POST /teak/v2/purchase HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n')
  // The head is there once the sandbox asks for the rest.
  await new Promise((resolve) => socket.once('data', resolve))
  socket.resetAndDestroy()

  await sandbox.verify({ vendor: 'teak', outcome: 'aborted', times: 1, withinMs: 5_000 })
  expect(await sandbox.traffic()).toMatchObject([{ path: '/v2/purchase', status: null, rows: [] }])
})

test('a workspace that the disk has no room for is refused in the words of the vendor', async () => {
  const sandbox = await aSandbox()
  const { store } = sandbox.context
  const transact = store.transact.bind(store)
  store.transact = (name, work) => (name === 'fresh' ? Promise.reject(new StorageFull('The disk is full.')) : transact(name, work))

  const reply = await sandbox.ask('/@fresh/teak/v2/purchase', post({}))

  expect(reply.status).toBe(500)
  expect(await reply.json()).toEqual({ code: 500, error: { message: 'Internal server error' } })
  const traffic = await sandbox.control('GET', 'traffic')
  expect(traffic).toMatchObject({
    entries: [{ vendor: 'teak', outcome: 'storage-full', explanation: 'The disk is full. Nothing was recorded.' }],
  })
})
