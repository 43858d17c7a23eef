import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { echo } from '../support/echo.js'
import { aReceiver, always } from '../support/receiver.js'
import { aSandbox, post, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'
import { aFolder } from '../support/folder.js'

const start = '2026-01-31T00:00:00.000Z'
const hour = 3_600_000

const anEcho = (wishes: SandboxWishes = {}) =>
  aSandbox({ roster: [echo], seedDocument: { clock: { now: start, frozen: true } }, ...wishes })
const say = (sandbox: TestSandbox, note: object) => sandbox.ask('/echo/echo', post(note))
const ids = async (sandbox: TestSandbox) => (await sandbox.rows('echo', 'notes')).map(({ id }) => id)
const aSnapshot = async (sandbox: TestSandbox) => (await sandbox.control('GET', 'snapshots/s')) as Record<string, unknown>
const put = (sandbox: TestSandbox, document: unknown) =>
  sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT', body: JSON.stringify(document) })

test('rows, clock, faults and stores come back, traffic stays', async () => {
  const sandbox = await anEcho()
  await say(sandbox, { id: 'kept' })
  await sandbox.control('PUT', 'upstreams/samsung', { reachable: false })
  await sandbox.control('POST', 'faults', { match: { vendor: 'echo', path: '/nowhere' }, effect: { kind: 'drop' }, times: 3 })
  const faults = await sandbox.control('GET', 'faults')
  expect((await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })).status).toBe(201)

  await say(sandbox, { id: 'later' })
  await sandbox.control('DELETE', 'tables/echo/notes/kept')
  await sandbox.control('PUT', 'upstreams/samsung', { reachable: true })
  await sandbox.control('DELETE', 'faults')
  await sandbox.control('POST', 'clock/advance', { ms: hour })
  await sandbox.control('POST', 'snapshots/s/restore')

  expect(await ids(sandbox)).toEqual(['kept'])
  expect(await sandbox.control('GET', 'upstreams')).toMatchObject({ samsung: { reachable: false } })
  expect(await sandbox.control('GET', 'faults')).toEqual(faults)
  expect(await sandbox.control('GET', 'clock')).toEqual({ now: start, frozen: true })
  expect(((await sandbox.control('GET', 'traffic')) as { total: number }).total).toBe(2)
})

test('saving under a known name replaces it', async () => {
  const sandbox = await anEcho()
  await say(sandbox, { id: 'a' })
  expect(await sandbox.control('PUT', 'snapshots/s', {})).toEqual({ name: 's', at: start, rows: 1 })
  await say(sandbox, { id: 'b' })

  const reply = await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT', body: '{}' })

  expect(reply.status).toBe(200)
  expect(await sandbox.control('GET', 'snapshots')).toEqual({ snapshots: [{ name: 's', at: start, rows: 2 }] })
})

test('a snapshot is one readable document with a format, a row a line', async () => {
  const sandbox = await anEcho()
  await say(sandbox, { id: 'a', text: 'hello' })
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })

  const text = await (await sandbox.ask('/_sandbox/snapshots/s')).text()

  expect(JSON.parse(text)).toMatchObject({
    format: 1,
    name: 's',
    at: start,
    rowCount: 1,
    clock: { now: start, frozen: true },
    rows: { echo: { notes: [{ id: 'a', text: 'hello' }] } },
  })
  expect(text.split('\n').filter((line) => line.includes('"hello"'))).toHaveLength(1)
})

test('a running clock goes on from what it showed, real time stays real time', async () => {
  const sandbox = await anEcho({ seedDocument: {} })
  await sandbox.ask('/_sandbox/snapshots/real', { method: 'PUT' })
  await sandbox.control('PUT', 'clock', { now: '2030-01-01T00:00:00Z' })
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  await sandbox.control('PUT', 'clock', { now: '2040-01-01T00:00:00Z', frozen: true })

  await sandbox.control('POST', 'snapshots/s/restore')
  expect(await sandbox.control('GET', 'clock')).toEqual({ now: expect.stringMatching(/^2030-01-01T00:00:0/), frozen: false })

  await sandbox.control('POST', 'snapshots/real/restore')
  const { now } = (await sandbox.control('GET', 'clock')) as { now: string }
  expect(Math.abs(new Date(now).getTime() - Date.now())).toBeLessThan(5_000)
})

test('timers and waiting deliveries come back and go on, finished ones do not', async () => {
  const receiver = await aReceiver(({ body }, response) => response.writeHead(body.includes('"id":"fine"') ? 200 : 500).end())
  const sandbox = await anEcho({
    seedDocument: { echo: { hooks: [{ name: 'h', url: receiver.url }] }, clock: { now: start, frozen: true } },
  })
  await say(sandbox, { id: 'fine' })
  await say(sandbox, { id: 'bad', ringAfterMs: hour })
  await sandbox.control('POST', 'clock/advance', { ms: 0 })
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  await sandbox.control('POST', 'reset')

  await sandbox.control('POST', 'snapshots/s/restore')
  expect(await sandbox.control('GET', 'webhooks')).toMatchObject({ deliveries: [{ status: 'waiting', attempts: 1 }] })
  await sandbox.control('POST', 'clock/advance', { ms: hour })

  expect(await sandbox.rows('echo', 'notes')).toMatchObject([{ id: 'fine' }, { id: 'bad', rings: ['2026-01-31T01:00:00.000Z'] }])
  const { deliveries } = (await sandbox.control('GET', 'webhooks')) as { deliveries: { event: string; status: string; attempts: number }[] }
  expect(deliveries.map(({ event, status, attempts }) => [event, status, attempts])).toEqual([
    ['note.kept', 'failed', 3],
    ['note.rang', 'waiting', 1],
  ])
})

test('a restore ends deliveries under way and timers that were set since', async () => {
  const dead = await aReceiver(() => {})
  const sandbox = await anEcho({ seedDocument: { clock: { now: start, frozen: true } } })
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  await sandbox.control('PUT', 'tables/echo/hooks/h', { name: 'h', url: dead.url })
  await say(sandbox, { id: 'a', ringAfterMs: hour })
  await dead.got(1)

  await sandbox.control('POST', 'snapshots/s/restore')
  await sandbox.control('POST', 'clock/advance', { ms: 2 * hour })

  expect(await sandbox.control('GET', 'webhooks')).toEqual({ deliveries: [], total: 0, next: null })
  expect(await sandbox.rows('echo', 'notes')).toEqual([])
})

test('under a random seed the same ids follow a restore', async () => {
  const sandbox = await anEcho({ randomSeed: '7' })
  const tokenOf = async (id: string) => ((await (await say(sandbox, { id })).json()) as { token: string }).token
  await tokenOf('a')
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  const first = await tokenOf('b')

  await sandbox.control('POST', 'snapshots/s/restore')

  expect(await tokenOf('b')).toBe(first)
})

test('snapshots belong to their workspace, outlive a reset and go with the workspace', async () => {
  const sandbox = await anEcho()
  await sandbox.ask('/@ci-7/_sandbox/snapshots/s', { method: 'PUT' })

  expect((await sandbox.ask('/_sandbox/snapshots/s')).status).toBe(404)
  await sandbox.ask('/@ci-7/_sandbox/reset', { method: 'POST' })
  expect((await sandbox.ask('/@ci-7/_sandbox/snapshots/s')).status).toBe(200)
  await sandbox.control('DELETE', 'workspaces/ci-7')
  await sandbox.ask('/@ci-7/_sandbox/reset', { method: 'POST' })
  expect((await sandbox.ask('/@ci-7/_sandbox/snapshots/s')).status).toBe(404)
})

test('a deleted snapshot is gone', async () => {
  const sandbox = await anEcho()
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })

  expect((await sandbox.ask('/_sandbox/snapshots/s', { method: 'DELETE' })).status).toBe(204)

  expect((await sandbox.ask('/_sandbox/snapshots/s', { method: 'DELETE' })).status).toBe(404)
  expect(await sandbox.control('GET', 'snapshots')).toEqual({ snapshots: [] })
})

test('a snapshot of one sandbox can be brought to another', async () => {
  const one = await anEcho()
  await say(one, { id: 'a' })
  await one.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  const other = await anEcho()

  expect((await put(other, await aSnapshot(one))).status).toBe(201)
  await other.control('POST', 'snapshots/s/restore')

  expect(await other.rows('echo', 'notes')).toEqual(await one.rows('echo', 'notes'))
})

test.each([
  ['a newer format', (d: Record<string, unknown>) => ({ ...d, format: 2 }), '/format', /newer coinslot/],
  ['a format that never was', (d) => ({ ...d, format: 0 }), '/format', /no format 0/],
  ['no format number', (d) => ({ ...d, format: 'one' }), '/format', /expected/],
  ['an unknown member', (d) => ({ ...d, weather: 'fine' }), '/weather', /Unknown/],
  ['an unknown table', (d) => ({ ...d, rows: { echo: { songs: [] } } }), '/rows/echo/songs', /Unknown table; echo has/],
  ['a vendor that is off', (d) => ({ ...d, rows: { teak: { games: [] } } }), '/rows/teak/games', /teak is not on/],
  ['a wrong row', (d) => ({ ...d, rows: { echo: { hooks: [{ name: 'h', url: 1 }] } } }), '/rows/echo/hooks/0/url', /string/],
  [
    'a row with a member too many',
    (d) => ({ ...d, rows: { echo: { hooks: [{ name: 'h', url: '', x: 1 }] } } }),
    '/rows/echo/hooks/0/x',
    /Unknown/,
  ],
  [
    'one key twice',
    (d) => ({
      ...d,
      rows: {
        echo: {
          hooks: [
            { name: 'h', url: '' },
            { name: 'h', url: '' },
          ],
        },
      },
    }),
    '/rows/echo/hooks/1',
    /Another row/,
  ],
  [
    'a wrong timer',
    (d) => ({ ...d, sandbox: { timers: [{ vendor: 'echo', kind: 'ring', at: 0, data: {} }] } }),
    '/sandbox/timers/0/id',
    /expected/,
  ],
  ['rows that no sandbox keeps', (d) => ({ ...d, sandbox: { wishes: [] } }), '/sandbox/wishes', /no such rows/],
  ['an invalid clock', (d) => ({ ...d, clock: { now: 'noon', frozen: true } }), '/clock/now', /ISO/],
] as [string, (document: Record<string, unknown>) => unknown, string, RegExp][])(
  'a snapshot with %s is refused with its place',
  async (_what, spoil, path, message) => {
    const sandbox = await anEcho()
    await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })

    const reply = await put(sandbox, spoil(await aSnapshot(sandbox)))

    expect(reply.status).toBe(422)
    expect(await reply.json()).toMatchObject({ errors: [{ path, message: expect.stringMatching(message) }] })
  },
)

test('a damaged file restores nothing', async () => {
  const data = await aFolder()
  const sandbox = await anEcho({ memory: false, data })
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  await say(sandbox, { id: 'a' })
  const file = `${data}/snapshots/default/s.json`
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, -5))

  const reply = await sandbox.ask('/_sandbox/snapshots/s/restore', { method: 'POST' })

  expect(reply.status).toBe(422)
  expect(await reply.json()).toMatchObject({ type: 'urn:coinslot:problem:snapshot-misfit' })
  expect(await ids(sandbox)).toEqual(['a'])
})

test('a file in which one character is another restores nothing, whichever it is', async () => {
  const data = await aFolder()
  const sandbox = await anEcho({ memory: false, data })
  await say(sandbox, { id: 'saved', text: '한글 1' })
  await sandbox.control('POST', 'faults', { match: { vendor: 'echo', path: '/nowhere' }, effect: { kind: 'drop' }, times: 3 })
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  await say(sandbox, { id: 'later' })
  const file = `${data}/snapshots/default/s.json`
  const whole = await readFile(file)

  const restored: string[] = []
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole)
    damaged[at]! ^= 1
    await writeFile(file, damaged)
    const reply = await sandbox.ask('/_sandbox/snapshots/s/restore', { method: 'POST' })
    // White space between values has no meaning.
    if (reply.status !== 422) restored.push(`${reply.status} at ${at}: ${whole.toString('latin1', at - 10, at + 10)}`)
  }

  expect(restored).toEqual([])
  expect(await ids(sandbox)).toEqual(['saved', 'later'])
  await writeFile(file, whole)
  expect((await sandbox.ask('/_sandbox/snapshots/s/restore', { method: 'POST' })).status).toBe(204)
})

test('an edited snapshot is refused with its checksum and taken without it, and is saved with a new one', async () => {
  const sandbox = await anEcho()
  await say(sandbox, { id: 'a' })
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  const document = await aSnapshot(sandbox)
  const notes = (document['rows'] as { echo: { notes: { id: string }[] } }).echo.notes
  notes[0]!.id = 'edited'

  const refused = await put(sandbox, document)
  const { checksum: old, ...edited } = document
  const taken = await put(sandbox, edited)

  expect(refused.status).toBe(422)
  expect(await refused.json()).toMatchObject({ errors: [{ path: '/checksum', message: expect.stringContaining('leave "checksum" out') }] })
  expect(taken.status).toBe(200)
  expect((await aSnapshot(sandbox))['checksum']).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect((await aSnapshot(sandbox))['checksum']).not.toBe(old)
  await sandbox.control('POST', 'snapshots/s/restore')
  expect(await ids(sandbox)).toEqual(['edited'])
})

test('rows of a vendor that is off are neither saved nor touched by a restore', async () => {
  const data = await aFolder()
  const other = { ...echo, id: 'other', hosts: [] }
  const both = await anEcho({ memory: false, data, roster: [echo, other] })
  await both.ask('/other/echo', post({ id: 'theirs', ringAfterMs: hour }))
  await both.close()
  const one = await anEcho({ memory: false, data })
  await one.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  await say(one, { id: 'ours' })
  expect((await aSnapshot(one))['rows']).not.toHaveProperty('other')

  await one.control('POST', 'snapshots/s/restore')
  await one.close()

  const again = await anEcho({ memory: false, data, roster: [echo, other] })
  expect(await ids(again)).toEqual([])
  await again.control('POST', 'clock/advance', { ms: hour })
  expect(await again.rows('other', 'notes')).toMatchObject([{ id: 'theirs', rings: ['2026-01-31T01:00:00.000Z'] }])
})

test.each([
  ['PUT', 'snapshots/Bad', 400],
  ['GET', 'snapshots/-', 400],
  ['GET', 'snapshots/nothing', 404],
  ['POST', 'snapshots/nothing/restore', 404],
  ['POST', 'snapshots/nothing', 405],
])('%s %s is refused with %i', async (method, path, status) => {
  const sandbox = await anEcho()

  const reply = await sandbox.ask(`/_sandbox/${path}`, { method })

  expect(reply.status).toBe(status)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
})

test('a delivery that was tried keeps its attempts over a restore', async () => {
  const receiver = await aReceiver(always(500, 'no'))
  const sandbox = await anEcho({
    seedDocument: { echo: { hooks: [{ name: 'h', url: receiver.url }] }, clock: { now: start, frozen: true } },
  })
  await say(sandbox, { id: 'a' })
  await sandbox.control('POST', 'clock/advance', { ms: 0 })
  const before = await sandbox.control('GET', 'webhooks')
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })

  await sandbox.control('POST', 'snapshots/s/restore')

  expect(await sandbox.control('GET', 'webhooks')).toEqual(before)
})

test('a snapshot over the limit is refused, and nothing is kept of it', async () => {
  const sandbox = await aSandbox({ snapshotLimit: 100 })

  const reply = await sandbox.ask('/_sandbox/snapshots/large', { method: 'PUT' })

  expect(reply.status).toBe(507)
  expect(await reply.json()).toMatchObject({ detail: expect.stringContaining('--snapshot-limit') })
  expect(await sandbox.control('GET', 'snapshots')).toEqual({ snapshots: [] })
})

test.each(['5', '"x"', '[]', '{"zzz":1}', '{"rows":{}}'])('a body %s that is no snapshot is refused, and none is saved', async (body) => {
  const sandbox = await anEcho()

  const reply = await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT', body })

  expect(reply.status).toBe(422)
  expect(await sandbox.control('GET', 'snapshots')).toEqual({ snapshots: [] })
})

test.each(['null', '{}', ''])('with the body %j the workspace is saved as it is', async (body) => {
  const sandbox = await anEcho()

  expect((await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT', body })).status).toBe(201)
})

test('a snapshot with a member that is repeated is refused, and none is saved', async () => {
  const sandbox = await anEcho()
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  const text = await (await sandbox.ask('/_sandbox/snapshots/s')).text()

  const reply = await sandbox.ask('/_sandbox/snapshots/twice', { method: 'PUT', body: text.replace('"rows":{', '"rows":{},"rows":{') })

  expect([reply.status, await reply.text()]).toEqual([422, expect.stringContaining('The member is repeated')])
  expect(await sandbox.control('GET', 'snapshots')).toMatchObject({ snapshots: [{ name: 's' }] })
})

test('without a file descriptor left a snapshot is refused as unavailable, and that is no bug', async () => {
  const sandbox = await anEcho()
  vi.spyOn(sandbox.context.store.snapshots, 'list').mockRejectedValue(
    Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' }),
  )

  const reply = await sandbox.ask('/_sandbox/snapshots')

  expect([reply.status, await reply.json()]).toEqual([503, expect.objectContaining({ type: 'urn:coinslot:problem:no-descriptors' })])
  expect(sandbox.reports).toEqual([])
})

test('files and folders that are no snapshots are ignored in the folder of snapshots', async () => {
  const data = await aFolder()
  const sandbox = await anEcho({ memory: false, data })
  await sandbox.ask('/_sandbox/snapshots/q', { method: 'PUT' })
  for (const name of ['q (copy).json', 'UPPER.json', 'notes.txt']) await writeFile(`${data}/snapshots/default/${name}`, 'x')
  await mkdir(`${data}/snapshots/default/d.json`)

  const named = async () =>
    ((await sandbox.control('GET', 'snapshots')) as { snapshots: { name: string }[] }).snapshots.map(({ name }) => name)
  expect(await named()).toEqual(['q'])
  for (const method of ['GET', 'DELETE']) expect((await sandbox.ask('/_sandbox/snapshots/d', { method })).status).toBe(404)
  const saved = await sandbox.ask('/_sandbox/snapshots/d', { method: 'PUT' })
  expect([saved.status, await saved.text()]).toEqual([409, expect.stringContaining('is a folder')])
  expect((await sandbox.ask('/_sandbox/workspaces/default', { method: 'DELETE' })).status).toBe(204)
  expect(await named()).toEqual([])
})

test.each(['{"format":1,', '[1]', '{}', 'null'])('a file with %s is not given out as a snapshot', async (text) => {
  const data = await aFolder()
  const sandbox = await anEcho({ memory: false, data })
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  await writeFile(`${data}/snapshots/default/s.json`, text)

  const reply = await sandbox.ask('/_sandbox/snapshots/s')

  expect([reply.status, await reply.json()]).toEqual([422, expect.objectContaining({ type: 'urn:coinslot:problem:snapshot-misfit' })])
})
