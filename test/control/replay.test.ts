import { expect, test } from 'vitest'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

const aShop = () => aSandbox({ roster: [shop], seedDocument: {} })
const buy = (sandbox: TestSandbox, id: string, headers: Record<string, string> = {}) =>
  sandbox.ask('/shop/purchases', post({ id }, headers))
const replay = (sandbox: TestSandbox, wish: unknown) => sandbox.ask('/_sandbox/traffic/replay', post(wish))

test('a request is sent again, byte for byte', async () => {
  const sandbox = await aShop()
  await buy(sandbox, 'o-1', { 'X-Build': '7' })

  const reply = await replay(sandbox, { id: 'r-1' })

  expect(reply.status).toBe(200)
  expect(await reply.json()).toMatchObject({
    id: 'r-2',
    outcome: 'repeated',
    url: '/shop/purchases',
    headers: { 'x-build': '7' },
    body: { text: '{"id":"o-1"}' },
  })
})

test('what is given replaces what it had', async () => {
  const sandbox = await aShop()
  await buy(sandbox, 'o-1')

  const reply = await replay(sandbox, { id: 'r-1', body: '{"id":"o-2"}', headers: [['Content-Type', 'application/json']] })

  expect(await reply.json()).toMatchObject({ outcome: 'recorded', headers: { 'content-length': '12' } })
  expect(await sandbox.rows('shop', 'purchases')).toHaveLength(2)
})

test('a request that came in process by a whole URL is sent to its host again', async () => {
  const sandbox = await aShop()
  await sandbox.ask('http://shop.localhost/purchases', post({ id: 'o-1' }))

  const reply = await replay(sandbox, { id: 'r-1' })

  expect(await reply.json()).toMatchObject({ vendor: 'shop', outcome: 'repeated', headers: { host: 'shop.localhost' } })
})

test('it goes to the workspace that it is asked in', async () => {
  const sandbox = await aShop()
  await sandbox.ask('/@ci-7/shop/purchases', post({ id: 'o-1' }))

  const reply = await sandbox.ask('/@ci-7/_sandbox/traffic/replay', post({ method: 'POST', url: '/shop/purchases', body: '{"id":"o-2"}' }))

  expect(await reply.json()).toMatchObject({ workspace: 'ci-7', status: 200 })
  expect(await sandbox.rows('shop', 'purchases')).toEqual([])
})

test.each([
  ['by its path', '/@ra/shop/purchases', {}],
  ['by its header', '/shop/purchases', { 'X-Sandbox-Workspace': 'ra' }],
  ['by its host', '/purchases', { Host: 'ra.shop.localhost' }],
])('a request of an opened session that named its workspace %s runs in the opened one', async (_how, url, headers) => {
  const sandbox = await aShop()
  await sandbox.ask(url, post({ id: 'o-1' }, headers))
  const session: unknown = await (await sandbox.ask('/@ra/_sandbox/session?secrets=keep')).json()
  await sandbox.control('PUT', 'workspaces/rb/session', session)
  await sandbox.control('DELETE', 'workspaces/ra')
  const { entries } = (await (await sandbox.ask('/@rb/_sandbox/traffic')).json()) as { entries: { id: string }[] }

  const reply = await sandbox.ask('/@rb/_sandbox/traffic/replay', post({ id: entries[0]!.id }))

  expect(await reply.json()).toMatchObject({ workspace: 'rb', outcome: 'repeated' })
  expect((await sandbox.ask('/_sandbox/workspaces/ra')).status).toBe(404)
})

test('an entry of a workspace that does not exist is not found, and the workspace is not created', async () => {
  const sandbox = await aShop()

  expect((await sandbox.ask('/@ghost/_sandbox/traffic/replay', post({ id: 'r-1' }))).status).toBe(404)
  expect((await sandbox.ask('/_sandbox/workspaces/ghost')).status).toBe(404)
})

test('a new request runs in the workspace that it is asked in, also if it names another or none that could be', async () => {
  const sandbox = await aShop()

  const reply = await sandbox.ask(
    '/@rh/_sandbox/traffic/replay',
    post({ url: '/@BAD/shop/purchases', method: 'POST', body: '{"id":"o-1"}' }),
  )

  expect(await reply.json()).toMatchObject({ workspace: 'rh', outcome: 'recorded' })
})

test.each([
  [{ id: 'r-9' }, 404],
  [{}, 422],
  [{ url: 'shop' }, 422],
  [{ url: '/_sandbox/reset', method: 'POST' }, 422],
  [{ url: '/shop/purchases', headers: [['bad name', 'x']] }, 422],
])('%j is refused with %d', async (wish, status) => {
  const reply = await replay(await aShop(), wish)

  expect(reply.status).toBe(status)
})
