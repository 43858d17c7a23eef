import { onTestFinished, expect, test } from 'vitest'
import { createSandbox, type SandboxOptions } from '../../src/index.js'

async function started(options: SandboxOptions = {}) {
  const sandbox = await createSandbox({ memory: true, port: 0, ...options })
  onTestFinished(() => sandbox.close())
  return sandbox
}

function purchase(fields: Record<string, unknown> = {}): RequestInit {
  const body = { game_id: '123456', secret_key: 'server-secret', user_id: 'ann', amount: 499, ...fields }
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}

const ann = { teak: { players: [{ gameId: '123456', userId: 'ann' }] } }

test('a sandbox is seeded over the default seed and asked without a socket', async () => {
  const sandbox = await started({ seed: ann })

  const reply = await sandbox.fetch('/teak/v2/purchase', purchase())

  expect(reply.status).toBe(200)
  expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ userId: 'ann', amount: 499 }])
})

test('the same sandbox answers on its address', async () => {
  const sandbox = await started({ seed: ann })

  const reply = await fetch(`${sandbox.urlFor('teak')}/v2/purchase`, purchase())

  expect(reply.status).toBe(200)
  expect(await sandbox.rows('teak', 'purchases')).toHaveLength(1)
})

test('another workspace has rows of its own, by object and by address', async () => {
  const sandbox = await started()
  const other = sandbox.workspace('ci-7')
  await other.seed(ann)

  const [inProcess, overSocket, elsewhere] = await Promise.all([
    other.fetch('/teak/v2/purchase', purchase()),
    fetch(`${other.urlFor('teak')}/v2/purchase`, purchase()),
    sandbox.fetch('/teak/v2/purchase', purchase()),
  ])

  expect([inProcess.status, overSocket.status, elsewhere.status]).toEqual([200, 200, 404])
  expect(await other.rows('teak', 'purchases')).toHaveLength(2)
  expect(await sandbox.rows('teak', 'purchases')).toHaveLength(0)
})

test('a sandbox that runs elsewhere is the same object over its address', async () => {
  const here = await started({ seed: ann })

  const there = await createSandbox({ url: here.url })
  const reply = await there.fetch('/teak/v2/purchase', purchase())
  await there.reset()

  expect(reply.status).toBe(200)
  expect(await here.rows('teak', 'purchases')).toHaveLength(0)
})

test('a wrong seed is refused with the place of the fault', async () => {
  await expect(started({ seed: { teak: { players: [{ gameId: 5 }] } } })).rejects.toThrow(/\/teak\/players\/0\/gameId/)
})

test('a taken port is refused with what to do', async () => {
  const first = await started()

  await expect(started({ port: Number(new URL(first.url).port) })).rejects.toThrow(/--port/)
})

test('more rows than a page are all read', async () => {
  const players = Array.from({ length: 1500 }, (_, at) => ({ gameId: '123456', userId: `p-${at}` }))
  const sandbox = await started({ seed: { teak: { players } } })

  const rows = await sandbox.rows('teak', 'players')

  expect(rows).toHaveLength(1502)
  expect(rows.at(-1)).toEqual({ gameId: '123456', userId: 'p-1499' })
})
