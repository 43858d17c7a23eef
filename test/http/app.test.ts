import { expect, test } from 'vitest'
import { listening, raw, rawPost } from '../support/listening.js'
import { aSandbox, form, post } from '../support/sandbox.js'

const order = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-0001' }

test.each([
  ['by prefix', '/teak/v2/purchase'],
  ['by host name', 'http://api.gocarrot.com/v2/purchase'],
  ['by host name with a port', 'http://api.gocarrot.com:8443/v2/purchase'],
  ['by a name under localhost', 'http://teak.localhost:4010/v2/purchase'],
])('a vendor is reached %s', async (_how, target) => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask(target, post(order))

  expect(reply.status).toBe(200)
  expect(await reply.text()).toBe('{"code":200}')
  expect(await sandbox.rows('teak', 'purchases')).toHaveLength(1)
})

test.each(['API.gocarrot.com.', 'api.gocarrot.com.:80'])('a Host header %s reaches the vendor of that name', async (host) => {
  const port = await listening(await aSandbox())

  expect((await raw(port, rawPostTo(host))).text).toMatch(/^HTTP\/1\.1 200 /)
})

test.each(['api.gocarrot.com:x', 'api.gocarrot.com:80.evil.example', 'a@api.gocarrot.com', 'api.gocarrot.com..', 'api.gocarrot.com, b'])(
  'a Host header %s is no name of a vendor',
  async (host) => {
    const port = await listening(await aSandbox())

    const { text } = await raw(port, rawPostTo(host))

    expect(text).toMatch(/^HTTP\/1\.1 404 /)
    expect(text).toContain(`No vendor has host ${host} `)
  },
)

function rawPostTo(host: string): string {
  return rawPost('/v2/purchase', order, ['Connection: close']).replace('Host: 127.0.0.1', `Host: ${host}`)
}

test('a workspace named in the path has rows of its own', async () => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask('/@ci-7/teak/v2/purchase', form({ ...order, amount: '-1000' }))

  expect(reply.status).toBe(200)
  expect(await sandbox.rows('teak', 'purchases')).toHaveLength(0)
  const own = await sandbox.ask('/@ci-7/_sandbox/tables/teak/purchases')
  expect(await own.json()).toMatchObject({ total: 1, rows: [{ key: '123456:order-0001', row: { amount: -1000 } }] })
})

test('what belongs to no vendor is a problem that names the host', async () => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask('http://unknown.example/x')

  expect(reply.status).toBe(404)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  expect(await reply.json()).toMatchObject({ status: 404, detail: expect.stringContaining('unknown.example') })
})

test('the control paths are an ordinary 404 of the vendor under its own host name', async () => {
  const sandbox = await aSandbox()

  const reply = await sandbox.ask('http://api.gocarrot.com/_sandbox/health')

  expect(reply.status).toBe(404)
  expect(await reply.json()).toEqual({ code: 404, error: { message: 'Not found' } })
})

test('of several workspace names the header wins over the host label, and the path as well', async () => {
  const sandbox = await aSandbox()
  const total = async (workspace: string) => {
    const reply = await sandbox.ask(`/@${workspace}/_sandbox/tables/teak/purchases`)
    return reply.status === 404 ? 'never made' : ((await reply.json()) as { total: number }).total
  }

  await sandbox.ask('http://label.teak.localhost/v2/purchase', post(order, { 'X-Sandbox-Workspace': 'header' }))
  await sandbox.ask('http://label.teak.localhost/@path/v2/purchase', post(order))

  expect([await total('header'), await total('path'), await total('label')]).toEqual([1, 1, 'never made'])
  await sandbox.ask('http://label.teak.localhost/v2/purchase', post(order))
  expect(await total('label')).toBe(1)
})
