import { createServer } from 'node:http'
import request from 'supertest'
import { expect, test } from 'vitest'
import type { Call } from '../../src/contract.js'
import { listening } from '../support/listening.js'
import { aSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

async function aServer() {
  const sandbox = await aSandbox({ bodyLimit: 1_000 })
  return { sandbox, server: createServer(sandbox.listener()) }
}

const order = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-0001' }

test('a JSON and a form report of one order are one purchase over a socket', async () => {
  const { sandbox, server } = await aServer()

  await request(server).post('/teak/v2/purchase').send(order).expect(200, { code: 200 })
  await request(server).post('/teak/v2/purchase').type('form').send(order).expect(200, { code: 200 })

  expect(await sandbox.rows('teak', 'purchases')).toHaveLength(1)
})

test('the Host header chooses the vendor, whatever the port', async () => {
  const { server } = await aServer()

  await request(server).post('/v2/purchase').set('Host', 'api.gocarrot.com:443').send(order).expect(200, { code: 200 })
})

test('a body over the limit is refused in the vendor’s words, and the connection stays usable', async () => {
  const { sandbox, server } = await aServer()

  const reply = await request(server)
    .post('/teak/v2/purchase')
    .send({ ...order, product_name: 'x'.repeat(2_000) })

  expect(reply.status).toBe(413)
  expect(reply.body).toMatchObject({ code: 413 })
  expect(await sandbox.rows('teak', 'purchases')).toHaveLength(0)
  await request(server).post('/teak/v2/purchase').send(order).expect(200)
})

test('HEAD has the head of the answer and no body', async () => {
  const { server } = await aServer()

  const reply = await request(server).head('/teak/v2/purchase')

  expect(reply.status).toBe(404)
  expect(reply.text).toBeUndefined()
  expect(reply.headers['x-sandbox-request']).toBe('r-1')
})

test('a control call is checked and answered over a socket', async () => {
  const { server } = await aServer()

  const reply = await request(server).put('/_sandbox/tables/teak/players/123456%3Aann').send({ gameId: '123456', userId: 'ann' })

  expect(reply.status).toBe(201)
  expect(reply.body).toEqual({ key: '123456:ann', row: { gameId: '123456', userId: 'ann' } })
})

test('a control call from a page of another origin is refused', async () => {
  const { server } = await aServer()

  await request(server).post('/_sandbox/reset').set('Origin', 'https://evil.example').expect(403)
  await request(server).post('/_sandbox/reset').set('Host', 'evil.example').expect(403)
})

test('an answer that cannot be sent costs its own connection alone', async () => {
  const [first] = shop.routes
  const broken = {
    ...first!,
    path: '/broken',
    handle: (call: Call) => {
      call.explain('recorded', 'A header with a line break cannot be sent.')
      return { status: 200, headers: { 'X-Lines': 'one\ntwo' }, body: '{}' }
    },
  }
  const sandbox = await aSandbox({ roster: [{ ...shop, routes: [...shop.routes, broken] }], seedDocument: {} })
  const port = await listening(sandbox)
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${port}/shop${path}`, { method: 'POST', body: '{}' }).then(
      ({ status }) => status,
      () => 'no answer',
    )

  expect(await Promise.all(['/broken', '/echo', '/broken', '/echo'].map(ask))).toEqual(['no answer', 200, 'no answer', 200])
  expect(await ask('/echo')).toBe(200)
})
