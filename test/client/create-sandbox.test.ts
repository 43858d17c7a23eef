import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { onTestFinished, expect, test, vi } from 'vitest'
import { aFolder } from '../support/folder.js'
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

test('another workspace can be read before anything happened in it, here and elsewhere', async () => {
  const here = await started()
  const there = await createSandbox({ url: here.url })

  expect(await here.workspace('new-1').rows('teak', 'purchases')).toEqual([])
  expect(await here.workspace('new-2').traffic()).toEqual([])
  await here.workspace('new-3').verify({ vendor: 'teak', times: 0 })
  expect(await there.workspace('new-4').rows('teak', 'players')).toHaveLength(2)
})

test('a fault tells its id and hits, a profile all of its faults', async () => {
  const sandbox = await started()

  const fault = await sandbox.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'drop' } })
  const profile = await sandbox.faults.add({ profile: 'brownout', match: { vendor: 'teak' } })

  expect(fault).toMatchObject({ id: 'f-1', hits: 0 })
  expect(profile.map(({ id }) => id)).toEqual(['f-2', 'f-3'])
})

test('the clock takes what its control calls take', async () => {
  const { clock } = await started()

  await clock.set({ now: '2026-01-31T00:00:00Z', frozen: true })
  expect(await clock.advance({ duration: 'P1M' })).toMatchObject({ now: '2026-02-28T00:00:00.000Z', frozen: true })
  expect(await clock.advance({ ms: 1000 })).toMatchObject({ now: '2026-02-28T00:00:01.000Z', frozen: true })
  expect(await clock.advance(1000)).toMatchObject({ now: '2026-02-28T00:00:02.000Z', frozen: true })
})

test.each(['http://api.gocarrot.com/v2/purchase', 'https://api.gocarrot.com/v2/purchase', 'http://teak.localhost/v2/purchase'])(
  'what is sent to %s reaches the sandbox that runs elsewhere, never the real service',
  async (target) => {
    const here = await started({ seed: ann })
    const there = await createSandbox({ url: here.url })

    const reply = await there.fetch(target, purchase())

    expect(reply.status).toBe(200)
    expect(await here.rows('teak', 'purchases')).toHaveLength(1)
  },
)

test('a wrong option is refused with its name', async () => {
  await expect(createSandbox({ memory: true, prot: 0 } as SandboxOptions)).rejects.toMatchObject({
    name: 'Problem',
    detail: expect.stringContaining('/prot'),
  })
})

test('a random seed may be a number', async () => {
  const order = async () => {
    const sandbox = await started({ randomSeed: 7 })
    return (await sandbox.receipts.googlePlay({ packageName: 'com.example.game', productId: 'gems.10' })).purchaseData
  }

  expect(JSON.parse(await order())).toMatchObject({ orderId: (JSON.parse(await order()) as { orderId: string }).orderId })
})

test('a closed sandbox does not answer', async () => {
  const sandbox = await started()
  await sandbox.close()

  await expect(sandbox.fetch('/teak/x')).rejects.toThrow('fetch failed')
})

test.each(['here', 'elsewhere'] as const)('a store that runs %s is taken down and up, and refunds a purchase', async (place) => {
  const here = await started()
  const sandbox = place === 'here' ? here : await createSandbox({ url: here.url })

  await sandbox.marketplace.down('google_play')
  expect(await sandbox.marketplace.reachable()).toEqual({ google_play: false, app_store: true, samsung: true })
  await sandbox.marketplace.up('google_play')
  expect(await here.marketplace.reachable()).toMatchObject({ google_play: true })
  expect(await sandbox.marketplace.refund('google_play', 'token/1')).toMatchObject({ token: 'token/1', cancelReason: 'publisher' })
  expect(await sandbox.marketplace.cancel('app_store', '77')).toMatchObject({ cancelReason: 'user' })
  expect(await sandbox.marketplace.renew('app_store', '77')).toMatchObject({ autoRenewing: true, renewals: 1 })
  expect(await sandbox.marketplace.grace('app_store', '77')).toMatchObject({ gracePeriod: true })
  expect(await sandbox.marketplace.expire('app_store', '77')).toMatchObject({ autoRenewing: false })
  expect(await sandbox.marketplace.complete('samsung', 'p-1')).toMatchObject({ pending: false })
})

test.each(['here', 'elsewhere'] as const)('webhooks, coverage and the report of clients are read %s', async (place) => {
  const here = await started({ seed: ann })
  const sandbox = place === 'here' ? here : await createSandbox({ url: here.url })
  await sandbox.fetch('/teak/v2/purchase', purchase())
  await sandbox.workspace('ci-7').fetch('/teak/v2/purchase', purchase({ user_id: 'unknown' }))

  expect(await sandbox.webhooks()).toEqual([])
  expect((await sandbox.coverage()).vendors['teak']!.met).toEqual(['recorded 200'])
  expect((await sandbox.coverage({ workspaces: 'all' })).vendors['teak']!.met).toEqual(['recorded 200', 'unknown-player 404'])
  expect((await sandbox.report()).callers).toBeInstanceOf(Array)
})

test('the address of a sandbox may be written without http:// and with /_sandbox', async () => {
  const here = await started()

  const there = await createSandbox({ url: `${here.url.replace('http://', '')}/_sandbox/` })

  expect(there.url).toBe(here.url)
})

test('a fault of a sandbox that runs elsewhere rejects as fetch does, and so does a request that is aborted', async () => {
  const here = await started({ seed: ann })
  const there = await createSandbox({ url: here.url })
  await there.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'drop' }, times: 1 })
  await there.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'hang' }, times: 1 })

  await expect(there.fetch('/teak/v2/purchase', purchase())).rejects.toMatchObject({
    name: 'TypeError',
    message: 'fetch failed',
    cause: { code: 'ECONNRESET' },
  })
  const patience = new AbortController()
  const hanging = there.fetch('/teak/v2/purchase', { ...purchase(), signal: patience.signal })
  await expect.poll(async () => (await there.faults.list()).map(({ hits }) => hits)).toEqual([1, 1])
  patience.abort(new Error('long enough'))
  await expect(hanging).rejects.toThrow('long enough')
})

test('a request without a body and one with bytes reach a sandbox that runs elsewhere as they are', async () => {
  const here = await started()
  const there = await createSandbox({ url: here.url })
  const bytes = new Uint8Array([0xff, 0, 0xfe, 10])

  await there.fetch('/teak/v2/purchase', { method: 'POST' })
  await there.fetch('/teak/v2/purchase', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Own': 'a, b' }, body: bytes })

  const [second, first] = await there.traffic()
  expect(first!.headers).toMatchObject({ 'content-length': '0' })
  expect(second!.headers).toMatchObject({ 'content-length': '4', 'x-own': 'a, b', 'content-type': 'application/json' })
  expect(second!.headers).not.toHaveProperty('sec-fetch-mode')
})

test.each(['here', 'elsewhere'] as const)('a sandbox that runs %s is not disturbed by a faked fetch and faked timers', async (place) => {
  const receiver = createServer((_request, response) => void response.end()).listen(0, '127.0.0.1')
  onTestFinished(() => void receiver.close())
  await once(receiver, 'listening')
  const running = await createSandbox({ port: 0, data: await aFolder() })
  onTestFinished(() => running.close())
  const fakedFetch = vi.fn(() => Promise.reject(new Error('the test answers')))
  vi.stubGlobal('fetch', fakedFetch)
  vi.useFakeTimers()
  onTestFinished(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  const sandbox = place === 'here' ? running : await createSandbox({ url: running.url })
  const { port } = receiver.address() as AddressInfo
  const rewardUrl = `http://127.0.0.1:${port}/`
  await sandbox.seed({ ...ann, teak: { ...ann.teak, games: [{ gameId: '123456', secretKey: 'server-secret', apiKey: 'k', rewardUrl }] } })
  await sandbox.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'delay', ms: 1 }, times: 1 })
  expect((await sandbox.fetch('/teak/v2/purchase', purchase())).status).toBe(200)
  await sandbox.fetch('/_sandbox/vendors/teak/rewards', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ gameId: '123456', userId: 'ann', reward: { gems: 1 } }),
  })
  while ((await sandbox.webhooks())[0]?.attempts !== 1) await turn()
  const late = sandbox.verify({ vendor: 'teak', path: '/never', times: { atLeast: 1 }, withinMs: 20 })
  await expect(late).rejects.toMatchObject({ name: 'VerificationFailed' })
  expect((await sandbox.webhooks())[0]).toMatchObject({ reply: { status: 200 } })
  await running.close()

  expect(fakedFetch).not.toHaveBeenCalled()
})

test('a failed verification has numbers in its result, and the digits that were sent in its message', async () => {
  await using sandbox = await createSandbox({ memory: true, port: 0 })
  await sandbox.fetch('/teak/v2/purchase', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"user_id":12345678901234567891}',
  })

  const failed = sandbox.verify({ vendor: 'teak', body: { user_id: 'ann' } })

  await expect(failed).rejects.toMatchObject({
    message: expect.stringContaining('actual   12345678901234567891') as unknown,
    result: { nearMisses: [{ differences: [{ path: '/body/user_id', actual: Number('12345678901234567891') }] }] },
  })
})

test('traffic returns every kept request, and a limit at most so many', async () => {
  await using sandbox = await createSandbox({ memory: true, port: 0 })
  for (let at = 0; at < 120; at++) await sandbox.fetch('/kakao/none')

  expect(await sandbox.traffic()).toHaveLength(120)
  expect(await sandbox.traffic({ limit: 3 })).toHaveLength(3)
})

test('after close a call says so in whole sentences', async () => {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  await sandbox.close()

  await expect(sandbox.report()).rejects.toThrow(/The sandbox was closed\. Start one/)
})
