import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { exchangesOf } from '../support/exchanges.js'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'

interface Session {
  [member: string]: unknown
  formatVersion: number
  checksum: string
  snapshot: { rows: Record<string, Record<string, Record<string, unknown>[]>> }
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
