import { expect, test } from 'vitest'
import { post } from '../support/sandbox.js'
import { oneRedis, purchase, replicas } from './kit.js'

const redis = oneRedis()

test('a purchase that one replica recorded is a repeat for the others', async () => {
  const [a, b, c] = await replicas(redis())
  const said = []
  for (const replica of [a!, b!, c!]) said.push((await replica.ask('/teak/v2/purchase', purchase('o-1'))).status)
  expect(said).toEqual([200, 200, 200])
  expect(await c!.rows('teak', 'purchases')).toHaveLength(1)
  const { entries } = (await b!.control('GET', 'traffic')) as { entries: { id: string; outcome: string }[] }
  expect(entries.map(({ outcome }) => outcome)).toEqual(['repeated', 'repeated', 'recorded'])
  expect(new Set(entries.map(({ id }) => id)).size).toBe(3)
})

test('a fault strikes the set number of times across all replicas', async () => {
  const all = await replicas(redis())
  await all[0]!.control('POST', 'faults', {
    match: { vendor: 'teak' },
    effect: { kind: 'reply', status: 503 },
    times: 7,
    skip: 3,
  })
  const replies = await Promise.all(
    Array.from({ length: 60 }, (_, at) => all[at % 3]!.ask('/teak/v2/purchase', purchase(`o-${at}`)).then(({ status }) => status)),
  )
  expect(replies.filter((status) => status === 503)).toHaveLength(7)
  expect(await all[2]!.control('GET', 'faults')).toMatchObject({ faults: [{ hits: 7, matched: 10 }] })
})

test('a clock that is set on one replica shows on the others with the next call', async () => {
  const [a, b] = await replicas(redis(), 2)
  for (const year of [2027, 2028, 2029]) {
    await a!.control('PUT', 'clock', { now: `${year}-01-01T00:00:00.000Z`, frozen: true })
    await b!.ask('/teak/v2/purchase', purchase(`o-${year}`))
    const [row] = (await b!.rows('teak', 'purchases')).slice(-1)
    expect(row).toMatchObject({ happenedAt: `${year}-01-01T00:00:00.000Z` })
  }
})

test('a store that is made unreachable on one replica is so on the others', async () => {
  const [a, b] = await replicas(redis(), 2)
  await a!.control('PUT', 'upstreams/samsung', { reachable: false })
  expect(await b!.control('GET', 'upstreams/samsung')).toEqual({ reachable: false })
})

test('a verification on one replica counts what the others were asked, at once', async () => {
  const [a, b] = await replicas(redis(), 2)
  for (let at = 1; at <= 20; at++) {
    await a!.ask('/teak/v2/purchase', purchase(`o-${at}`))
    const reply = await b!.ask('/_sandbox/verify', post({ vendor: 'teak', outcome: 'recorded', times: at }))
    expect(await reply.json()).toMatchObject({ ok: true, count: at })
  }
})

test('a verification waits for what another replica is asked', async () => {
  const [a, b] = await replicas(redis(), 2)
  const waiting = b!.ask('/_sandbox/verify', post({ outcome: 'recorded', times: 1, withinMs: 20_000 }))
  await a!.ask('/teak/v2/purchase', purchase('o-1'))
  expect((await waiting).status).toBe(200)
})

test('counts outlive the entries that are dropped, on every replica', async () => {
  const [a, b, c] = await replicas(redis(), 3, { trafficLimit: 5 })
  await c!.control('GET', 'traffic')
  for (let at = 0; at < 30; at++) await [a, b][at % 2]!.ask('/teak/v2/purchase', purchase(`o-${at}`))
  const list = (await c!.control('GET', 'traffic')) as { entries: unknown[]; dropped: number }
  expect([list.entries.length, list.dropped]).toEqual([5, 25])
  const reply = await c!.ask('/_sandbox/verify', post({ vendor: 'teak', outcome: 'recorded', times: 30 }))
  expect(await reply.json()).toMatchObject({ ok: true, count: 30 })
})

test('forgetting traffic on one replica forgets it on all', async () => {
  const [a, b] = await replicas(redis(), 2)
  await a!.ask('/teak/v2/purchase', purchase('o-1'))
  expect(await b!.control('GET', 'traffic')).toMatchObject({ total: 1 })
  await b!.control('DELETE', 'traffic')
  expect(await a!.control('GET', 'traffic')).toMatchObject({ total: 0, dropped: 0 })
  await a!.ask('/teak/v2/purchase', purchase('o-2'))
  expect(await b!.control('GET', 'traffic')).toMatchObject({ total: 1, dropped: 0 })
})

test('entries since an entry of another replica are found, and an id that was never given is refused', async () => {
  const [a, b] = await replicas(redis(), 2)
  const first = await a!.ask('/teak/v2/purchase', purchase('o-1'))
  await b!.ask('/teak/v2/purchase', purchase('o-2'))
  const id = first.headers.get('x-sandbox-request')!
  expect(await b!.control('GET', `traffic?since=${id}`)).toMatchObject({ total: 1 })
  expect((await b!.ask(`/_sandbox/traffic?since=${id}9`)).status).toBe(422)
})

test('a stream on one replica shows what all of them were asked, in one order', async () => {
  const [a, b, c] = await replicas(redis())
  const stream = await c!.ask('/_sandbox/traffic/stream')
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const read = async (until: () => boolean) => {
    while (!until()) text += (await reader.read()).value ?? ''
  }
  await read(() => text.includes('\n\n'))
  for (let at = 0; at < 9; at++) await [a, b, c][at % 3]!.ask('/teak/v2/purchase', purchase(`o-${at}`))
  await read(() => text.split('event: traffic').length > 9)
  await reader.cancel()
  const shown = [...text.matchAll(/"platform_id\\":\\"(o-\d)\\"/g)].map(([, id]) => id)
  expect([...new Set(shown)]).toEqual(Array.from({ length: 9 }, (_, at) => `o-${at}`))
})

test('a snapshot saved on one replica is restored on another', async () => {
  const [a, b] = await replicas(redis(), 2)
  await a!.ask('/teak/v2/purchase', purchase('o-1'))
  await a!.control('PUT', 'snapshots/one')
  await b!.ask('/teak/v2/purchase', purchase('o-2'))
  await b!.control('POST', 'snapshots/one/restore')
  expect(await a!.rows('teak', 'purchases')).toMatchObject([{ platformId: 'o-1' }])
})

test('a reset on one replica is a reset for all', async () => {
  const [a, b] = await replicas(redis(), 2)
  await a!.ask('/teak/v2/purchase', purchase('o-1'))
  await b!.control('POST', 'reset')
  expect(await a!.rows('teak', 'purchases')).toEqual([])
  expect(await a!.control('GET', 'traffic')).toMatchObject({ total: 0 })
})

test('a credential that is claimed on one replica leads to its workspace on the others', async () => {
  const [a, b] = await replicas(redis(), 2)
  for (let round = 0; round < 5; round++) {
    await a!.control('PUT', `workspaces/w-${round}`, { credentials: [{ vendor: 'teak', value: `game-${round}` }] })
    await b!.ask('/teak/v2/purchase', purchase('o-1', { game_id: `game-${round}` }))
    const { entries } = (await a!.control('GET', 'traffic')) as { entries: unknown[] }
    expect(entries).toEqual([])
    const own = await a!.ask(`/@w-${round}/_sandbox/traffic`)
    expect(await own.json()).toMatchObject({ total: 1 })
  }
})

test('a port belongs to one process and cannot be claimed', async () => {
  const [a] = await replicas(redis(), 1)
  const reply = await a!.ask('/_sandbox/workspaces/w', { method: 'PUT', body: JSON.stringify({ port: 0 }) })
  expect(reply.status).toBe(501)
  expect(await reply.json()).toMatchObject({ type: 'urn:coinslot:problem:ports-not-shared' })
})

test('a workspace that one replica dropped is gone for the others', async () => {
  const [a, b] = await replicas(redis(), 2)
  await b!.ask('/@w/teak/v2/purchase', purchase('o-1'))
  expect(await a!.control('GET', 'workspaces')).toMatchObject({ workspaces: [{ name: 'default' }, { name: 'w' }] })
  await a!.control('DELETE', 'workspaces/w')
  expect((await b!.ask('/_sandbox/workspaces/w')).status).toBe(404)
  expect((await b!.ask('/@w/_sandbox/traffic')).status).toBe(404)
})

test('another seed at the start leaves the rows that are there, and says so', async () => {
  const store = redis().url()
  const [a] = await replicas({ ...redis(), url: () => store }, 1)
  await a!.ask('/teak/v2/purchase', purchase('o-1'))
  const seedDocument = { teak: { games: [{ gameId: 'other', secretKey: 's' }] } }
  const [b] = await replicas({ ...redis(), url: () => store }, 1, { seedDocument })
  expect(b!.reports).toEqual([expect.stringContaining('another seed')])
  expect(await b!.rows('teak', 'games')).toMatchObject([{ gameId: '123456' }])
  await b!.control('POST', 'reset')
  expect(await a!.rows('teak', 'games')).toEqual([{ gameId: 'other', secretKey: 's' }])
})

test('ids under --random-seed are unique across all replicas', async () => {
  const all = await replicas(redis(), 3, { randomSeed: 'seven' })
  const made = await Promise.all(
    Array.from({ length: 30 }, (_, at) =>
      all[at % 3]!.control('POST', 'upstreams/samsung/purchases/x/renew').then(() => all[at % 3]!.context.workspaces.open('default')),
    ),
  )
  const drawn = made.map(({ space }) => space.ids.uuid())
  expect(new Set(drawn).size).toBe(30)
})
