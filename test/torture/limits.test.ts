import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { configSchema, type Config } from '../../src/sandbox/config.js'
import { startSandbox } from '../../src/sandbox/start.js'
import { raw, rawPost } from '../support/listening.js'
import { aFolder } from '../cli/process.js'

const purchase = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499 }

/** A sandbox with other limits than usual, and a way to ask it on a bare connection. */
async function limited(limits: Partial<Config>) {
  const running = await startSandbox({ config: configSchema.parse({ memory: true, port: 0, ...limits }), report: () => {} })
  onTestFinished(async () => void (await running.stop()))
  const port = Number(new URL(running.url).port)
  const send = async (text: string) => answerOf((await raw(port, text)).text)
  return {
    ...running,
    port,
    send,
    post: (path: string, body: unknown) => send(rawPost(path, body, ['Connection: close'])),
    ask: (method: string, path: string, headers: readonly string[] = []) =>
      send([`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', 'Content-Length: 0', ...headers, '', ''].join('\r\n')),
  }
}

function answerOf(text: string): { status: number; body: string } {
  return { status: Number(text.slice(9, 12)), body: text.slice(text.indexOf('\r\n\r\n') + 4) }
}

const long = (length: number) => 'a'.repeat(length)

test('a head over --header-limit is a 431 that names the option', async () => {
  const { ask } = await limited({ headerLimit: 1_000 })

  expect(await ask('GET', '/teak/', [`X-Long: ${long(1_000)}`])).toEqual({
    status: 431,
    body: expect.stringContaining('raise --header-limit'),
  })
  expect((await ask('GET', '/teak/', [`X-Long: ${long(500)}`])).status).toBe(404)
})

test.each([
  ['teak', '"code":414'],
  ['gameofwhales', '"UriTooLong"'],
  ['kakao', '"desc"'],
  ['ouya', '"error"'],
  ['mbaasy', '"errors"'],
  ['_sandbox', 'raise --url-limit'],
])('a path and query over --url-limit are a 414 in the words of %s', async (whose, words) => {
  const { ask } = await limited({ urlLimit: 200 })

  expect(await ask('GET', `/${whose}/${long(200)}`)).toEqual({ status: 414, body: expect.stringContaining(words) })
})

test.each([
  ['/teak/v2/purchase', '"code":413'],
  ['/gameofwhales/receipt', '"PayloadTooLarge"'],
  ['/kakao/service/v3/log/writePurchaseLog', '"desc"'],
  ['/ouya/api/v1/games/tv.ouya.sample/purchases', '1001'],
  ['/mbaasy/client/google_play/purchase_orders', '"base"'],
  ['/_sandbox/seed', '--body-limit'],
])('a body over --body-limit is a 413 at %s', async (path, words) => {
  const { post } = await limited({ bodyLimit: 500 })

  expect(await post(path, { long: long(500) })).toEqual({ status: 413, body: expect.stringContaining(words) })
})

test('a request that takes longer than --request-timeout is a 408 that names the option', async () => {
  const { send } = await limited({ requestTimeout: 200 })

  const answer = await send('POST /teak/v2/purchase HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n')

  expect(answer).toEqual({ status: 408, body: expect.stringContaining('within 200 ms; send it sooner, or raise --request-timeout') })
})

test('a connection that is idle for longer than --idle-timeout is closed', async () => {
  const { send } = await limited({ idleTimeout: 100 })

  // Without `Connection: close`, so it is the sandbox that ends it.
  expect((await send(rawPost('/teak/v2/purchase', purchase))).status).toBe(200)
})

test('one connection over --connection-limit is a 503 that names the option', async () => {
  const { post, port } = await limited({ connectionLimit: 1 })
  const held = connect(port, '127.0.0.1')
  onTestFinished(() => void held.destroy())
  held.write(rawPost('/teak/v2/purchase', purchase))
  const [response] = (await once(held, 'data')) as [Buffer]

  expect(await post('/teak/v2/purchase', purchase)).toEqual({ status: 503, body: expect.stringContaining('raise --connection-limit') })
  expect(answerOf(response.toString()).status).toBe(200)
})

test('one workspace over --workspace-limit is refused in the vendor’s words, and the entry names the option', async () => {
  const { post, ask } = await limited({ workspaceLimit: 2 })

  expect((await post('/@one/teak/v2/purchase', purchase)).status).toBe(200)
  expect(await post('/@two/teak/v2/purchase', purchase)).toEqual({
    status: 500,
    body: '{"code":500,"error":{"message":"Internal server error"}}',
  })
  const { body } = await ask('GET', '/_sandbox/traffic?outcome=workspace-limit')
  expect(JSON.parse(body)).toMatchObject({
    entries: [{ vendor: 'teak', verdict: 'failed', explanation: expect.stringContaining('raise --workspace-limit') }],
  })
})

test('one workspace over --workspace-limit is a 409 of the control API that names the option', async () => {
  const { ask } = await limited({ workspaceLimit: 1 })

  expect(await ask('PUT', '/_sandbox/workspaces/two')).toEqual({ status: 409, body: expect.stringContaining('raise --workspace-limit') })
})

test('a snapshot over --snapshot-limit is a 507 that names the option', async () => {
  const { ask } = await limited({ snapshotLimit: 1_000 })

  expect(await ask('PUT', '/_sandbox/snapshots/big')).toEqual({ status: 507, body: expect.stringContaining('raise --snapshot-limit') })
})

test('a row over --journal-line-limit is refused in the vendor’s words, and the entry names the option', async () => {
  const { post, ask } = await limited({ memory: false, data: aFolder(), journalLineLimit: 3_000 })

  const answer = await post('/teak/v2/purchase', { ...purchase, product_name: long(3_000) })

  expect(answer).toEqual({ status: 500, body: '{"code":500,"error":{"message":"Internal server error"}}' })
  const { body } = await ask('GET', '/_sandbox/traffic?outcome=storage-full')
  expect(body).toContain('raise --journal-line-limit')
  expect((await post('/teak/v2/purchase', purchase)).status).toBe(200)
})

test('traffic over --traffic-bytes of one workspace, or --traffic-total of all, drops the oldest and says how many', async () => {
  const { post, ask } = await limited({ trafficBytes: 6_000, trafficTotal: 8_000 })
  const kept = async (workspace: string) => {
    const { body } = await ask('GET', `/@${workspace}/_sandbox/traffic`)
    const { total, dropped } = JSON.parse(body) as { total: number; dropped: number }
    return { total, dropped }
  }
  for (let number = 0; number < 10; number++) await post('/@one/teak/v2/purchase', purchase)
  const alone = await kept('one')
  expect(alone.total).toBeLessThan(6)
  expect(alone.total + alone.dropped).toBe(10)

  for (let number = 0; number < 10; number++) await post('/@two/teak/v2/purchase', purchase)
  expect((await kept('one')).total).toBeLessThan(alone.total)
  expect((await kept('two')).total).toBe(alone.total)
})
