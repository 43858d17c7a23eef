import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { exchangesOf } from '../support/exchanges.js'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'

interface Session {
  [member: string]: unknown
  formatVersion: number
  checksum: string
  snapshot: { rows: Record<string, Record<string, Record<string, unknown>[]>>; sandbox: Record<string, unknown[]> }
  traffic: { entries: { id: string; body: { utf8: string } }[] }
}

/** A sandbox that has answered every recorded exchange of every vendor, with a fault, a webhook that waits and a changed clock. */
async function aBusySandbox(): Promise<TestSandbox> {
  const sandbox = await aSandbox()
  for (const vendor of ['teak', 'gameofwhales', 'kakao', 'ouya', 'mbaasy'])
    for (const { request } of exchangesOf(vendor)) {
      const { method, path, headers, body } = request
      await sandbox.ask(`/${vendor}${path}`, { method, headers, ...(body !== '' && { body }) })
    }
  await sandbox.control('POST', 'seed', {
    teak: { games: [{ gameId: '123456', secretKey: 'server-secret', rewardUrl: 'http://127.0.0.1:9/' }] },
  })
  await sandbox.control('POST', 'faults', { match: { vendor: 'kakao' }, effect: { kind: 'reply', status: 503 }, times: 1, skip: 5 })
  await sandbox.control('PUT', 'clock', { now: '2030-01-01T00:00:00.000Z', frozen: true })
  await sandbox.control('POST', 'vendors/teak/rewards', { gameId: '123456', userId: 'player-1', reward: { coins: 5 } })
  return sandbox
}

async function sessionOf(sandbox: TestSandbox, query = ''): Promise<Session> {
  return (await sandbox.control('GET', `session${query}`)) as Session
}

const views = ['traffic?limit=1000', 'webhooks', 'faults', 'purchases?limit=1000', 'report', 'coverage', 'clock', 'tables']

async function viewsOf(sandbox: TestSandbox, workspace: string): Promise<unknown[]> {
  const shown: unknown[] = []
  for (const path of views) {
    const reply = await sandbox.ask(`/@${workspace}/_sandbox/${path}`)
    expect(reply.status).toBe(200)
    shown.push(await reply.json())
  }
  return JSON.parse(JSON.stringify(shown).replaceAll(`"workspace":"${workspace}"`, '"workspace":"*"')) as unknown[]
}

test('a session with its secrets shows in another sandbox what its own showed', async () => {
  const [here, there] = [await aBusySandbox(), await aSandbox()]

  const answer = await there.ask('/_sandbox/workspaces/from-ann/session', {
    method: 'PUT',
    body: JSON.stringify(await sessionOf(here, '?secrets=keep')),
  })

  expect(answer.status).toBe(201)
  expect(await answer.json()).toMatchObject({ workspace: 'from-ann', savedAt: '2030-01-01T00:00:00.000Z', page: '/@from-ann/_sandbox/' })
  expect(await viewsOf(there, 'from-ann')).toEqual(await viewsOf(here, 'default'))
})

test('secrets are redacted, and verdicts, sentences and rows look as they did', async () => {
  const [here, there] = [await aBusySandbox(), await aSandbox()]
  const session = await sessionOf(here)
  const text = JSON.stringify(session)
  const secrets = ['server-secret', 'sandbox-payload-key', '951b75bf17fe0885ab5106ba2a9f9bc9', '11118035a320f23423585acae3ded1111']
  const more = [
    '3d1f6a52-8c0b-4e7e-9b57-2f60c1a4d9e8',
    'test-token',
    'sandbox-shared-secret',
    'PRIVATE KEY',
    String.raw`password\":\"password`,
  ]

  for (const secret of [...secrets, ...more]) expect(text).not.toContain(secret)
  expect(session['redacted']).toBe(true)
  expect(session.snapshot.rows['teak']!['games']).toMatchObject([{ gameId: '123456', secretKey: '<redacted>' }])
  expect(session.traffic.entries.some(({ body }) => body.utf8?.includes('"secret_key":"<redacted>"'))).toBe(true)

  await there.control('PUT', 'workspaces/redacted/session', session)
  const told = async (sandbox: TestSandbox, path: string) => {
    const { entries } = (await sandbox.control('GET', path)) as { entries: Record<string, unknown>[] }
    return entries.map(({ id, at, outcome, verdict, status, path: asked, rows }) => ({ id, at, outcome, verdict, status, asked, rows }))
  }
  const reply = await there.ask('/@redacted/_sandbox/traffic?limit=1000')
  const { entries } = (await reply.json()) as { entries: Record<string, unknown>[] }
  expect(
    entries.map(({ id, at, outcome, verdict, status, path, rows }) => ({ id, at, outcome, verdict, status, asked: path, rows })),
  ).toEqual(await told(here, 'traffic?limit=1000'))
})

const live = 'LIVE-k3y'
const purchase = `{"user_id":"player-1","amount":499,"secret_key":"${live}"}`
const json = { 'Content-Type': 'application/json' }
const formed = { 'Content-Type': 'application/x-www-form-urlencoded' }
const spelled = live.replace('L', '%4C')

test.each<[what: string, target: string, headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>]>([
  ['JSON for no vendor', '/v2/purchase', json, purchase],
  ['a form for no vendor', '/v2/purchase', formed, `secret_key=${live}`],
  ['a header for no vendor', '/v1/purchase', { ...json, appSecret: live }, '{}'],
  ['a query for no vendor', `/v2/purchase?secret_key=${live}`, json, '{}'],
  ['JSON for a path that its vendor does not have', '/kakao/none', json, purchase],
  ['JSON that is cut', '/teak/v2/purchase', json, `{"secret_key":"${live}",`],
  ['JSON without quotation marks', '/teak/v2/purchase', json, `{"user_id":"player-1","secret_key":${live}}`],
  ['JSON that names it twice', '/teak/v2/purchase', json, `{"secret_key":"${live}","secret_key":"server-secret"}`],
  ['JSON with escapes', '/teak/v2/purchase', json, purchase.replace('L', String.raw`\u004c`).replace('_k', String.raw`\u005fk`)],
  ['JSON in JSON', '/teak/v2/purchase', json, JSON.stringify({ data: purchase })],
  ['a number', '/teak/v2/purchase', json, '{"user_id":"player-1","secret_key":76543210}'],
  ['bytes that are not UTF-8', '/teak/v2/purchase', json, Buffer.from(purchase.replace('player', '\u00ff'), 'latin1')],
  ['a form with a list', '/teak/v2/purchase', formed, `secret_key[]=${live}`],
  ['a form with percent escapes', '/teak/v2/purchase', formed, `secret%5Fkey=${spelled}&user_id=player-1`],
  ['a form that cannot be read', '/teak/v2/purchase', formed, `secret%5Fkey=${live}&user_id=%`],
  ['parts', '/teak/v2/purchase', { 'Content-Type': 'multipart/form-data; boundary=x' }, `--x\r\nname="secret_key"\r\n\r\n${live}\r\n--x--`],
  ['a query with percent escapes', `/teak/v2/purchase?user_id=player-1&secret_key=${spelled}`, json, ''],
])('a secret in %s is in no session', async (_what, target, headers, body) => {
  const sandbox = await aSandbox()
  await sandbox.ask(target, { method: 'POST', headers, ...(body.length > 0 && { body }) })

  const text = JSON.stringify(await sessionOf(sandbox))

  const encoded = Buffer.from(live).toString('base64').slice(0, 9)
  for (const secret of [live, live.slice(1), '76543210', encoded]) expect(text).not.toContain(secret)
  expect(text).toContain('<redacted>')
})

test.each([
  ['blanks before a value', [`{"secret_key":${' '.repeat(100_000)}null}`]],
  ['brackets without an end', [`{"a":"${'secret_key['.repeat(20_000)}"}`]],
  ['many wrong secrets', Array.from({ length: 150 }, (_, at) => `{"secret_key":"${10_000 + at}","a":"b"}`)],
])('a session is saved quickly with %s', async (_what, bodies) => {
  const sandbox = await aSandbox()
  for (const body of bodies) await sandbox.ask('/teak/v2/purchase', { method: 'POST', headers: json, body })
  const startedAt = performance.now()

  await sessionOf(sandbox)

  expect(performance.now() - startedAt).toBeLessThan(2000)
})

test.each([
  ['a short number', '{"user_id":"player-1", "secret_key": 12345}', '{"user_id":"player-1", "secret_key": "<redacted>"}'],
  ['a negative number', '{"secret_key":-1.5,"amount":1.50}', '{"secret_key":"<redacted>","amount":1.50}'],
  ['numbers in a list', '{"secret_key":[7, 76543210]}', '{"secret_key":["<redacted>", "<redacted 2>"]}'],
  ['a number after a byte order mark', '\uFEFF{"secret_key":7}', '\uFEFF{"secret_key":"<redacted>"}'],
  ['half a character', String.raw`{"secret_key":"ab c\ud800"}`, '{"secret_key":"<redacted>"}'],
  ['a text that names it', '{"a":"secret_key=x is wrong","amount":499}', '{"a":"<redacted>","amount":499}'],
])('JSON with %s as a secret stays JSON, and the rest of it stays', async (_what, body, saved) => {
  const sandbox = await aSandbox()
  await sandbox.ask('/teak/v2/purchase', { method: 'POST', headers: json, body })

  const { traffic } = await sessionOf(sandbox)

  expect(traffic.entries[0]!.body.utf8).toBe(saved)
})

test('a reply that says what is wrong with a header keeps its words in a session', async () => {
  const sandbox = await aSandbox()
  const body = { errors: { authorization: ['is invalid'] } }
  await sandbox.control('POST', 'faults', { match: { vendor: 'teak' }, effect: { kind: 'reply', status: 403, body } })
  await sandbox.ask('/teak/v2/purchase', { method: 'POST', headers: json, body: '{}' })

  const { traffic } = await sessionOf(sandbox)

  expect(traffic.entries).toMatchObject([{ reply: { body: { utf8: JSON.stringify(body) } } }])
})

test('of two short secrets the longer one is replaced', async () => {
  const sandbox = await aSandbox()
  for (const secret of ['a', 'a b']) {
    await sandbox.ask('/teak/v2/purchase', { method: 'POST', headers: json, body: `{"secret_key":"${secret}"}` })
  }

  const { traffic } = await sessionOf(sandbox)

  expect(traffic.entries.map(({ body }) => body.utf8)).toEqual(['{"secret_key":"<redacted>"}', '{"secret_key":"<redacted 2>"}'])
})

test('what is beside a secret stays in a session', async () => {
  const sandbox = await aSandbox()
  await sandbox.ask(`/teak/v2/purchase?secret_key=${spelled}&user_id=player-1`, { method: 'POST', headers: json, body: '{"amount":499}' })
  await sandbox.ask('/v2/purchase', { method: 'POST', headers: json, body: '{"token" : "", "user_id":"player-1"' })

  const { traffic } = await sessionOf(sandbox)

  expect(traffic.entries).toMatchObject([
    { head: { target: '/teak/v2/purchase?secret_key=<redacted>&user_id=player-1' }, body: { utf8: '{"amount":499}' } },
    { body: { utf8: '<redacted>' } },
  ])
})

test('secrets in faults are in no session', async () => {
  const sandbox = await aSandbox()
  const match = { body: { secret_key: live, appSecret: live }, query: { secret_key: live }, headers: { Authorization: `Bearer ${live}` } }
  await sandbox.control('POST', 'faults', { match, effect: { kind: 'reply', status: 200, body: { secret_key: [live], user: 'ann' } } })
  await sandbox.control('POST', 'faults', { match: { vendor: 'teak' }, effect: { kind: 'reply', status: 200, body: purchase } })

  const session = await sessionOf(sandbox)

  expect(JSON.stringify(session)).not.toContain(live)
  expect(session.snapshot.sandbox['faults']).toMatchObject([
    { rule: { match: { headers: { Authorization: 'Bearer <redacted>' } }, effect: { body: { secret_key: ['<redacted>'], user: 'ann' } } } },
    { rule: { effect: { body: expect.stringContaining('player-1') as unknown } } },
  ])
})

test('a request of a redacted session can be replayed, for every vendor, without a failure', async () => {
  const [here, there] = [await aBusySandbox(), await aSandbox()]
  const session = await sessionOf(here)
  await there.control('PUT', 'workspaces/copy/session', session)

  for (const { id } of session.traffic.entries) {
    const reply = await there.ask(`/@copy/_sandbox/traffic/replay`, { method: 'POST', body: JSON.stringify({ id }) })
    expect(reply.status, id).toBe(200)
  }
  const { entries } = (await (await there.ask('/@copy/_sandbox/traffic?vendor=teak&outcome=repeated')).json()) as {
    entries: { id: string }[]
  }
  expect(entries.length).toBeGreaterThan(0)
  const ids = (await (await there.ask('/@copy/_sandbox/traffic?limit=1000')).json()) as { entries: { id: string }[] }
  expect(new Set(ids.entries.map(({ id }) => id)).size).toBe(ids.entries.length)
})

test('the clock of an opened session stands, so that what waited is not sent', async () => {
  const [here, there] = [await aBusySandbox(), await aSandbox()]
  await here.control('DELETE', 'clock')

  await there.control('PUT', 'workspaces/copy/session', await sessionOf(here))

  expect(await (await there.ask('/@copy/_sandbox/clock')).json()).toMatchObject({ frozen: true })
})

test('a colleague sees where the clock moved and what else was changed, also in the story of a purchase', async () => {
  const [here, there] = [await aBusySandbox(), await aSandbox()]
  await here.control('POST', 'clock/advance', { duration: 'P1M' })
  await here.control('PUT', 'upstreams/google_play', { reachable: false })
  const session = await sessionOf(here)
  await there.control('PUT', 'clock', { now: '2031-01-01T00:00:00.000Z' })

  await there.control('PUT', 'workspaces/copy/session', session)

  const notesOf = async (sandbox: TestSandbox, path: string) =>
    ((await (await sandbox.ask(path)).json()) as { notes: { text: string }[] }).notes
  const seen = await notesOf(there, '/@copy/_sandbox/state')
  expect(seen).toEqual(await notesOf(here, '/_sandbox/state'))
  expect(seen.map(({ text }) => text)).toEqual(expect.arrayContaining(['clock advanced by 1 month', 'Google Play cannot be reached']))
  const { purchases } = (await (await there.ask('/@copy/_sandbox/purchases?vendor=teak')).json()) as {
    purchases: { table: string; key: string }[]
  }
  const [{ table, key }] = purchases as [{ table: string; key: string }]
  const story = await there.ask(`/@copy/_sandbox/purchases/teak/${table}/${encodeURIComponent(key)}`)
  expect(((await story.json()) as { events: { title: string }[] }).events.map(({ title }) => title)).toContain('clock advanced by 1 month')
})

test('a session of the first version, which has no changes in it, is opened', async () => {
  const [here, there] = [await aBusySandbox(), await aSandbox()]
  const { notes: _notes, checksum: _sum, ...session } = await sessionOf(here)
  const first = { ...session, formatVersion: 1 }
  const checksum = createHash('sha256').update(JSON.stringify(first)).digest('hex')

  const reply = await there.ask('/_sandbox/workspaces/copy/session', { method: 'PUT', body: JSON.stringify({ ...first, checksum }) })

  expect(reply.status).toBe(201)
  expect(await (await there.ask('/@copy/_sandbox/state')).json()).toMatchObject({ notes: [] })
})

test('counts of dropped requests come along, so that a verification still says what it cannot know', async () => {
  const [here, there] = [await aSandbox({ trafficLimit: 1 }), await aSandbox()]
  for (let at = 0; at < 3; at++) await here.ask('/kakao/none')

  await there.control('PUT', 'workspaces/copy/session', await sessionOf(here))

  const verify = (body: object) => there.ask('/@copy/_sandbox/verify', { method: 'POST', body: JSON.stringify(body) })
  expect((await verify({ vendor: 'kakao', times: 3 })).status).toBe(200)
  expect((await verify({ vendor: 'kakao', query: { a: 'b' } })).status).toBe(409)
})

test('an opened workspace is replaced by the next session', async () => {
  const [here, there] = [await aBusySandbox(), await aSandbox()]
  const session = await sessionOf(here)
  await there.control('PUT', 'workspaces/copy/session', session)

  const again = await there.ask('/_sandbox/workspaces/copy/session', { method: 'PUT', body: JSON.stringify(session) })

  expect(again.status).toBe(200)
  expect(((await (await there.ask('/@copy/_sandbox/traffic?limit=1')).json()) as { total: number }).total).toBe(
    session.traffic.entries.length,
  )
})

test.each([
  ['newer', (session: Session) => ({ ...session, formatVersion: 3 }), 'format version 3, written by a newer coinslot'],
  ['edited', (session: Session) => ({ ...session, workspace: 'other' }), 'its checksum does not fit'],
  ['cut', ({ traffic: _cut, ...session }: Session) => session, '/traffic'],
  ['no session', () => ({ rows: [] }), '"format" is not "coinslot-session"'],
  ['no object', () => 7, '"format" is not "coinslot-session"'],
])('a session that is %s is refused, and nothing is changed', async (_what, spoil, said) => {
  const [here, there] = [await aBusySandbox(), await aSandbox()]

  const reply = await there.ask('/_sandbox/workspaces/copy/session', { method: 'PUT', body: JSON.stringify(spoil(await sessionOf(here))) })

  expect(reply.status).toBe(422)
  expect(JSON.stringify(await reply.json())).toContain(said.replaceAll('"', String.raw`\"`))
  expect((await there.ask('/_sandbox/workspaces/copy')).status).toBe(404)
})

test('a session of a vendor that is off is refused by the name of the vendor', async () => {
  const [here, there] = [await aBusySandbox(), await aSandbox({ roster: [] })]

  const reply = await there.ask('/_sandbox/workspaces/copy/session', { method: 'PUT', body: JSON.stringify(await sessionOf(here)) })

  expect(reply.status).toBe(422)
  expect(await reply.text()).toContain('Vendor teak is not on')
})

test('a session larger than the limit of snapshots is refused with the option that raises it', async () => {
  const there = await aSandbox({ snapshotLimit: 100 })

  const reply = await there.ask('/_sandbox/workspaces/copy/session', { method: 'PUT', body: JSON.stringify({ format: 'x'.repeat(200) }) })

  expect(reply.status).toBe(413)
  expect(await reply.text()).toContain('--snapshot-limit')
})
