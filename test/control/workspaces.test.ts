import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { echo } from '../support/echo.js'
import { realPorts } from '../support/ports.js'
import { aSandbox, post, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'

interface Shown {
  name: string
  rows: number
  ports: number[]
  credentials: { vendor: string; value: string }[]
}

const anEcho = (wishes: SandboxWishes = {}) => aSandbox({ roster: [echo], seedDocument: {}, ...wishes })
const put = (sandbox: TestSandbox, name: string, body?: unknown) =>
  sandbox.ask(`/_sandbox/workspaces/${name}`, { method: 'PUT', ...(body !== undefined && { body: JSON.stringify(body) }) })
const ann = { vendor: 'echo', value: 'ann' }

async function withPorts(): Promise<TestSandbox> {
  const sandbox = await anEcho()
  await sandbox.servePorts(realPorts(sandbox))
  return sandbox
}

test('default is there from the start', async () => {
  const sandbox = await anEcho()

  const unused = { name: 'default', rows: 0, requests: 0, lastRequestAt: null, ports: [], credentials: [] }
  expect(await sandbox.control('GET', 'workspaces')).toEqual({ workspaces: [unused] })
  expect(await sandbox.control('GET', 'workspaces/default')).toEqual(unused)
})

test('putting a workspace makes it once', async () => {
  const sandbox = await anEcho()

  const first = await put(sandbox, 'ci-7')
  const second = await put(sandbox, 'ci-7', {})

  expect([first.status, second.status]).toEqual([201, 200])
  expect(await first.json()).toEqual({ name: 'ci-7', rows: 0, requests: 0, lastRequestAt: null, ports: [], credentials: [] })
})

test('a workspace says how many requests it keeps and when the last one came', async () => {
  const sandbox = await anEcho()
  const before = new Date().toISOString()

  await sandbox.ask('/@ci-7/echo/echo', post({ id: 'n' }))
  await sandbox.ask('/@ci-7/echo/echo', post({ id: 'm' }))

  const { requests, lastRequestAt } = (await sandbox.control('GET', 'workspaces/ci-7')) as { requests: number; lastRequestAt: string }
  expect(requests).toBe(2)
  expect(lastRequestAt >= before && lastRequestAt <= new Date().toISOString()).toBe(true)
  expect(await sandbox.control('GET', 'workspaces/default')).toMatchObject({ requests: 0, lastRequestAt: null })
})

test('a vendor call makes its workspace, a control read does not', async () => {
  const sandbox = await anEcho()

  expect((await sandbox.ask('/_sandbox/workspaces/ci-7')).status).toBe(404)
  expect((await sandbox.ask('/@ci-7/_sandbox/tables')).status).toBe(404)
  await sandbox.ask('/@ci-7/echo/echo', post({ id: 'a' }))

  expect(await sandbox.control('GET', 'workspaces/ci-7')).toMatchObject({ rows: 1 })
})

test('a claimed credential leads to its workspace until something names another', async () => {
  const sandbox = await anEcho()
  await put(sandbox, 'ci-7', { credentials: [ann] })
  const say = (id: string, headers: Record<string, string>, path = '/echo/echo') => sandbox.ask(path, post({ id }, headers))

  await say('claimed', { 'X-Echo-Account': 'ann' })
  await say('other', { 'X-Echo-Account': 'bob' })
  await say('header', { 'X-Echo-Account': 'ann', 'X-Sandbox-Workspace': 'ci-8' })
  await say('path', { 'X-Echo-Account': 'ann' }, '/@ci-9/echo/echo')

  const notesOf = async (name: string) =>
    ((await (await sandbox.ask(`/@${name}/_sandbox/tables/echo/notes`)).json()) as { rows: { key: string }[] }).rows.map(({ key }) => key)
  expect(await Promise.all(['default', 'ci-7', 'ci-8', 'ci-9'].map(notesOf))).toEqual([['other'], ['claimed'], ['header'], ['path']])
})

test('a credential of another workspace is refused by its name, and nothing is made', async () => {
  const sandbox = await anEcho()
  await put(sandbox, 'ci-7', { credentials: [ann] })

  const reply = await put(sandbox, 'ci-8', { credentials: [{ vendor: 'echo', value: 'bob' }, ann] })

  expect(reply.status).toBe(409)
  expect(await reply.json()).toMatchObject({ detail: expect.stringContaining('"ci-7"'), errors: [{ path: '/credentials/1' }] })
  expect((await sandbox.ask('/_sandbox/workspaces/ci-8')).status).toBe(404)
})

test('claims at once: one workspace gets the credential', async () => {
  const sandbox = await anEcho()

  const replies = await Promise.all(Array.from({ length: 20 }, (_, at) => put(sandbox, `ci-${at}`, { credentials: [ann] })))

  expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, ...Array.from({ length: 19 }, () => 409)])
})

test('putting again replaces the claims', async () => {
  const sandbox = await anEcho()
  await put(sandbox, 'ci-7', { credentials: [ann, ann] })

  const reply = await put(sandbox, 'ci-7', { credentials: [{ vendor: 'echo', value: 'bob' }] })

  expect(((await reply.json()) as Shown).credentials).toEqual([{ vendor: 'echo', value: 'bob' }])
  expect((await put(sandbox, 'ci-8', { credentials: [ann] })).status).toBe(201)
})

test('claims outlive a reset', async () => {
  const sandbox = await anEcho()
  await put(sandbox, 'ci-7', { credentials: [ann] })

  await sandbox.ask('/@ci-7/_sandbox/reset', { method: 'POST' })

  expect(await sandbox.control('GET', 'workspaces/ci-7')).toMatchObject({ credentials: [ann] })
})

test('dropping a workspace takes its rows and claims', async () => {
  const sandbox = await anEcho()
  await put(sandbox, 'ci-7', { credentials: [ann] })
  await sandbox.ask('/@ci-7/echo/echo', post({ id: 'a' }))

  await sandbox.control('DELETE', 'workspaces/ci-7')

  expect((await sandbox.ask('/_sandbox/workspaces/ci-7')).status).toBe(404)
  expect((await sandbox.ask('/_sandbox/workspaces/ci-7', { method: 'DELETE' })).status).toBe(404)
  await sandbox.ask('/echo/echo', post({ id: 'b' }, { 'X-Echo-Account': 'ann' }))
  expect(await sandbox.rows('echo', 'notes')).toMatchObject([{ id: 'b' }])
})

test('dropping default brings it back to the seed', async () => {
  const sandbox = await anEcho({ seedDocument: { echo: { hooks: [{ name: 'h', url: 'http://127.0.0.1:1/' }] } } })
  await sandbox.ask('/echo/echo', post({ id: 'a' }))
  await sandbox.control('PUT', 'clock', { now: '2030-01-01T00:00:00Z', frozen: true })

  await sandbox.control('DELETE', 'workspaces/default')

  expect(await sandbox.control('GET', 'workspaces')).toMatchObject({ workspaces: [{ name: 'default', rows: 1 }] })
  expect(await sandbox.control('GET', 'clock')).toMatchObject({ frozen: false })
})

test.each([
  ['PUT', 'Big', undefined, 400],
  ['GET', '-a', undefined, 400],
  ['DELETE', 'a_b', undefined, 400],
  ['PUT', 'a'.repeat(64), undefined, 400],
  ['PUT', 'a', '{', 400],
  ['PUT', 'a', '[]', 422],
  ['PUT', 'a', '{"port":65536}', 422],
  ['PUT', 'a', '{"port":"0"}', 422],
  ['PUT', 'a', '{"credentials":[{"vendor":"echo","value":""}]}', 422],
  ['PUT', 'a', '{"credentials":[{"vendor":"unknown","value":"x"}]}', 422],
  ['PUT', 'a', '{"colour":"red"}', 422],
  ['POST', 'a', '{}', 405],
])('%s workspaces/%s %s is refused with %i', async (method, name, body, status) => {
  const sandbox = await anEcho()

  const reply = await sandbox.ask(`/_sandbox/workspaces/${name}`, { method, ...(body !== undefined && { body }) })

  expect(reply.status).toBe(status)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  expect(await sandbox.context.store.names()).toEqual(['default'])
})

test('without sockets a port cannot be claimed', async () => {
  const sandbox = await anEcho()

  const reply = await put(sandbox, 'ci-7', { port: 0 })

  expect(reply.status).toBe(409)
  expect(await reply.json()).toMatchObject({ type: 'urn:coinslot:problem:no-ports' })
  expect(await sandbox.context.store.names()).toEqual(['default'])
})

test('what comes in by a claimed port belongs to its workspace, control calls too', async () => {
  const sandbox = await withPorts()
  const [port] = ((await (await put(sandbox, 'ci-7', { port: 0 })).json()) as Shown).ports
  const base = `http://127.0.0.1:${port}`

  expect((await fetch(`${base}/echo/echo`, post({ id: 'a' }))).status).toBe(200)

  const shown = (await (await fetch(`${base}/_sandbox/tables/echo/notes`)).json()) as { total: number }
  expect(shown.total).toBe(1)
  expect(await sandbox.rows('echo', 'notes')).toEqual([])
  expect(await sandbox.control('GET', 'workspaces/ci-7')).toMatchObject({ ports: [port] })
})

test('asking for any port again keeps the one there is', async () => {
  const sandbox = await withPorts()
  const first = (await (await put(sandbox, 'ci-7', { port: 0 })).json()) as Shown

  const second = (await (await put(sandbox, 'ci-7', { port: 0 })).json()) as Shown

  expect(second.ports).toEqual(first.ports)
})

test('a port that is not asked for any more is closed, over that port as well', async () => {
  const sandbox = await withPorts()
  const [port] = ((await (await put(sandbox, 'ci-7', { port: 0 })).json()) as Shown).ports

  const reply = await fetch(`http://127.0.0.1:${port}/_sandbox/workspaces/ci-7`, { method: 'PUT', body: '{}' })

  expect(reply.status).toBe(200)
  expect(((await reply.json()) as Shown).ports).toEqual([])
  await expect(fetch(`http://127.0.0.1:${port}/_sandbox/health`)).rejects.toThrow('fetch failed')
})

test('a port of another workspace is refused by its name', async () => {
  const sandbox = await withPorts()
  const [port] = ((await (await put(sandbox, 'ci-7', { port: 0 })).json()) as Shown).ports

  const reply = await put(sandbox, 'ci-8', { port })

  expect(reply.status).toBe(409)
  expect(await reply.json()).toMatchObject({ type: 'urn:coinslot:problem:port-claimed', detail: expect.stringContaining('"ci-7"') })
})

test('a port that something else listens on is refused, and nothing is claimed', async () => {
  const sandbox = await withPorts()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())

  const reply = await put(sandbox, 'ci-7', { port: (other.address() as AddressInfo).port, credentials: [ann] })

  expect(reply.status).toBe(409)
  expect(await reply.json()).toMatchObject({ type: 'urn:coinslot:problem:port-taken', errors: [{ path: '/port' }] })
  expect(await sandbox.context.store.names()).toEqual(['default'])
  expect((await put(sandbox, 'ci-8', { credentials: [ann] })).status).toBe(201)
})

test('dropping a workspace closes its port', async () => {
  const sandbox = await withPorts()
  const [port] = ((await (await put(sandbox, 'ci-7', { port: 0 })).json()) as Shown).ports

  await sandbox.control('DELETE', 'workspaces/ci-7')

  await expect(fetch(`http://127.0.0.1:${port}/_sandbox/health`)).rejects.toThrow('fetch failed')
})

test('one workspace more than the limit is a problem of the control API, and its claims are free again', async () => {
  const sandbox = await anEcho({ workspaceLimit: 3 })
  await put(sandbox, 'a')
  await put(sandbox, 'b')

  const refused = await put(sandbox, 'c', { credentials: [ann] })

  expect(refused.status).toBe(409)
  expect(await refused.json()).toMatchObject({ type: 'urn:coinslot:problem:workspace-limit' })
  // In the words of the vendor, which has a 500 for a full disk.
  expect((await sandbox.ask('/@c/echo/echo', post({ id: 'x' }))).status).toBe(500)
  expect((await put(sandbox, 'b', { credentials: [ann] })).status).toBe(200)
})

test('a thousand workspaces made at once are all there, each with its own rows', async () => {
  const sandbox = await anEcho()
  const names = Array.from({ length: 1_000 }, (_, at) => `ci-${at}`)

  const replies = await Promise.all(names.map((name) => sandbox.ask(`/@${name}/echo/echo`, post({ id: name }))))

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
  const { workspaces } = (await sandbox.control('GET', 'workspaces')) as { workspaces: Shown[] }
  expect(workspaces).toHaveLength(1_001)
  expect(workspaces.filter(({ rows }) => rows === 1)).toHaveLength(1_000)
})

test('listing while workspaces are dropped brings none of them back', async () => {
  const sandbox = await anEcho()
  const names = Array.from({ length: 50 }, (_, at) => `ci-${at}`)
  await Promise.all(names.map((name) => put(sandbox, name)))

  await Promise.all(names.flatMap((name) => [sandbox.control('DELETE', `workspaces/${name}`), sandbox.control('GET', 'workspaces')]))

  expect(await sandbox.context.store.names()).toEqual(['default'])
})

test('closing a sandbox waits until the claimed ports are closed', async () => {
  const sandbox = await aSandbox()
  const closed: number[] = []
  await sandbox.servePorts(async () => ({
    port: 40_123,
    async close() {
      await new Promise((resume) => setTimeout(resume, 200))
      closed.push(40_123)
    },
  }))
  await sandbox.control('PUT', 'workspaces/ci-7', { port: 0 })

  await sandbox.close()

  expect(closed).toEqual([40_123])
})

test('a port that browsers and fetch refuse is not claimed, and the workspace is not made', async () => {
  const sandbox = await anEcho()

  const reply = await put(sandbox, 'ci-1', { port: 6666 })

  expect([reply.status, await reply.json()]).toEqual([
    422,
    expect.objectContaining({ detail: '/port: Browsers and fetch refuse to connect to this port; choose another' }),
  ])
  expect((await sandbox.ask('/_sandbox/workspaces/ci-1')).status).toBe(404)
})
