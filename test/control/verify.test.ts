import { expect, test } from 'vitest'
import { aSandbox, form, post, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

const aShop = (wishes: SandboxWishes = {}) => aSandbox({ roster: [shop], seedDocument: {}, ...wishes })
const buy = (sandbox: TestSandbox, id: string, extra: object = {}) => sandbox.ask('/shop/purchases', post({ id, ...extra }))

async function verify(sandbox: TestSandbox, asked: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await sandbox.ask('/_sandbox/verify', post(asked))
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

test('what came is found, with the ids of its entries', async () => {
  const sandbox = await aShop()
  await buy(sandbox, 'a')
  await buy(sandbox, 'b')
  await buy(sandbox, 'b')

  const asked = { vendor: 'shop', method: 'post', path: '/purch*', status: '2xx', outcome: 'recorded', times: 2 }

  expect(await verify(sandbox, asked)).toEqual({ status: 200, body: { ok: true, count: 2, matches: ['r-1', 'r-2'] } })
})

test.each<[string, object, boolean]>([
  ['nothing asked means at least one', {}, true],
  ['a part of the body', { body: { cart: { sku: 'gem' } } }, true],
  ['a value of another kind', { body: { amount: '499' } }, false],
  ['a member that is not there', { body: { nope: 1 } }, false],
  ['null where nothing is', { body: { nope: null } }, false],
  ['an inherited member', { body: { constructor: {} } }, false],
  ['a header in any case', { headers: { 'X-BUILD': '7' } }, true],
  ['the query', { query: { a: '1' } }, true],
  ['one of several values', { query: { b: '3' } }, true],
  ['all of several values', { query: { b: ['2', '3'] } }, true],
  ['a status as a number', { status: 200 }, true],
  ['a status as a text', { status: '200' }, true],
  ['another class', { status: '4xx' }, false],
  ['never, and it came', { times: 0 }, false],
  ['never, and it did not come', { outcome: 'repeated', times: 0 }, true],
  ['at most', { times: { atMost: 1 } }, true],
  ['at least', { times: { atLeast: 2 } }, false],
])('%s', async (_name, asked, holds) => {
  const sandbox = await aShop()
  await sandbox.ask('/shop/purchases?a=1&b=2&b=3', post({ id: 'a', amount: 499, cart: { sku: 'gem', count: 1 } }, { 'X-Build': '7' }))

  const { status, body } = await verify(sandbox, asked)

  expect([status, body['ok']]).toEqual(holds ? [200, true] : [417, false])
})

test('a form is compared as an object of texts', async () => {
  const sandbox = await aShop()
  await sandbox.ask('/shop/echo', form({ amount: '499' }))

  expect((await verify(sandbox, { body: { amount: '499' } })).status).toBe(200)
})

test('what did not come is answered with the closest requests and where they differ', async () => {
  const sandbox = await aShop()
  await sandbox.ask('/shop/purchases/o')
  await buy(sandbox, 'a', { amount: 1, player: 'bob' })
  await buy(sandbox, 'a', { amount: 2, player: 'ann' })

  const { status, body } = await verify(sandbox, {
    vendor: 'shop',
    path: '/purchases',
    outcome: 'recorded',
    body: { amount: 2, player: 'ann' },
  })

  expect(status).toBe(417)
  expect(body).toEqual({
    ok: false,
    count: 0,
    matches: [],
    nearMisses: [
      { id: 'r-3', differences: [{ path: '/outcome', expected: 'recorded', actual: 'repeated' }] },
      {
        id: 'r-2',
        differences: [
          { path: '/body/amount', expected: 2, actual: 1 },
          { path: '/body/player', expected: 'ann', actual: 'bob' },
        ],
      },
      {
        id: 'r-1',
        differences: [
          { path: '/path', expected: '/purchases', actual: '/purchases/o' },
          { path: '/body', expected: { amount: 2, player: 'ann' }, actual: null },
          { path: '/outcome', expected: 'recorded', actual: 'unknown' },
        ],
      },
    ],
  })
})

test('too many are listed', async () => {
  const sandbox = await aShop()
  await buy(sandbox, 'a')
  await buy(sandbox, 'b')

  expect(await verify(sandbox, { times: 1 })).toEqual({
    status: 417,
    body: { ok: false, count: 2, matches: ['r-1', 'r-2'], nearMisses: [] },
  })
})

test('counters answer for what is no longer kept', async () => {
  const sandbox = await aShop({ trafficLimit: 2 })
  for (let at = 0; at < 5; at++) await buy(sandbox, `o-${at}`)

  expect(await verify(sandbox, { vendor: 'shop', method: 'POST', path: '/purchases', status: 200, outcome: 'recorded', times: 5 })).toEqual(
    {
      status: 200,
      body: { ok: true, count: 5, matches: ['r-4', 'r-5'] },
    },
  )
  expect((await verify(sandbox, { outcome: 'recorded', times: 4 })).status).toBe(417)
})

test.each<[string, object, number]>([
  ['exactly one, when an old one could be another', { body: { id: 'o-4' }, times: 1 }, 409],
  ['at least one, which is kept', { body: { id: 'o-4' } }, 200],
  ['at least one, which may have been dropped', { body: { id: 'o-0' } }, 409],
  ['never, which cannot be known', { body: { id: 'o-0' }, times: 0 }, 409],
  ['never, and one is kept', { body: { id: 'o-4' }, times: 0 }, 417],
  ['more than there were at all', { body: { id: 'o-4' }, times: { atLeast: 6 } }, 417],
  ['never, of an outcome that never was', { body: { id: 'o-0' }, outcome: 'repeated', times: 0 }, 200],
])('when entries were dropped: %s', async (_name, asked, status) => {
  const sandbox = await aShop({ trafficLimit: 2 })
  for (let at = 0; at < 5; at++) await buy(sandbox, `o-${at}`)

  const found = await verify(sandbox, asked)

  expect(found.status).toBe(status)
  if (status === 409) expect(found.body).toEqual({ ok: null, count: expect.any(Number), dropped: 3, detail: expect.any(String) })
})

test('with no traffic kept at all, counters still answer', async () => {
  const sandbox = await aShop({ trafficLimit: 0 })
  await buy(sandbox, 'a')

  expect(await verify(sandbox, { outcome: 'recorded', times: 1 })).toEqual({ status: 200, body: { ok: true, count: 1, matches: [] } })
})

test('paths without number are counted within bounds, and what they blur is not guessed', async () => {
  const sandbox = await aShop({ trafficLimit: 1, urlLimit: 900_000 })
  await sandbox.ask(`/shop/${'x'.repeat(600_000)}`)
  await sandbox.ask(`/shop/${'y'.repeat(600_000)}`)
  await buy(sandbox, 'a')

  expect((await verify(sandbox, { outcome: 'not-found', times: 2 })).status).toBe(200)
  expect((await verify(sandbox, { path: '/purchases', outcome: 'recorded', times: 1 })).status).toBe(200)
  expect((await verify(sandbox, { path: '/z', outcome: 'not-found', times: 0 })).status).toBe(409)
})

test('waiting ends when what was expected comes', async () => {
  const sandbox = await aShop()
  const waiting = verify(sandbox, { outcome: 'recorded', times: 2, withinMs: 20_000 })
  await buy(sandbox, 'a')
  await buy(sandbox, 'b')

  expect((await waiting).status).toBe(200)
})

test('waiting ends when the time is over, or when there are too many already', async () => {
  const sandbox = await aShop()
  expect((await verify(sandbox, { outcome: 'recorded', withinMs: 20 })).status).toBe(417)

  await buy(sandbox, 'a')
  expect((await verify(sandbox, { outcome: 'recorded', times: 0, withinMs: 60_000 })).status).toBe(417)
})

test('waiting ends when the sandbox stops', async () => {
  const sandbox = await aShop()
  const waiting = verify(sandbox, { outcome: 'recorded', withinMs: 60_000 })
  await sandbox.ask('/_sandbox/health')

  sandbox.beginClosing()

  expect((await waiting).status).toBe(417)
})

test.each<[string, object, string]>([
  ['an unknown vendor', { vendor: 'unknown' }, '/vendor'],
  ['a misspelt member', { outcomes: 'x' }, '/outcomes'],
  ['a bad status', { status: 'often' }, '/status'],
  ['a negative number', { times: -1 }, '/times'],
  ['bounds the wrong way round', { times: { atLeast: 2, atMost: 1 } }, '/times/atLeast'],
  ['too long a wait', { withinMs: 60_001 }, '/withinMs'],
])('%s is refused', async (_name, asked, path) => {
  const sandbox = await aShop()

  const { status, body } = await verify(sandbox, asked)

  expect(status).toBe(422)
  expect((body['errors'] as { path: string }[]).map((error) => error.path)).toContain(path)
})

test('a request without any body is farther away than one whose body differs in a part', async () => {
  const sandbox = await aShop()
  await buy(sandbox, 'a', { amount: 499 })
  await sandbox.ask('/shop/purchases', { method: 'POST' })

  const { body } = await verify(sandbox, { vendor: 'shop', body: { id: 'a', amount: 500 } })

  expect((body['nearMisses'] as { id: string }[]).map(({ id }) => id)).toEqual(['r-1', 'r-2'])
})

test('a wrong number of times is refused in words', async () => {
  const answer = await verify(await aShop(), { times: 'twice' })

  expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: '/times', message: expect.stringContaining('atLeast') }] } })
})

test.each([
  ['an outcome', { vendor: 'shop', outcome: 'recordd', times: 0 }, '/outcome', 'recorded'],
  ['an outcome in capitals', { vendor: 'shop', outcome: 'RECORDED', times: 0 }, '/outcome', 'recorded'],
  ['an outcome of any vendor', { outcome: 'unruted', times: 0 }, '/outcome', 'unrouted'],
  ['a name that every object has', { vendor: 'shop', outcome: 'constructor', times: 0 }, '/outcome', ''],
  ['an empty outcome', { outcome: '', times: 0 }, '/outcome', ''],
  ['a vendor', { vendor: 'shopp', times: 0 }, '/vendor', 'shop'],
  ['a status', { status: '4x', times: 0 }, '/status', ''],
  ['an invalid status', { status: 700, times: 0 }, '/status', ''],
])('%s that is misspelt is refused and the nearest named', async (_what, asked, path, nearest) => {
  const { status, body } = await verify(await aShop(), asked)

  expect(status).toBe(422)
  expect(body).toMatchObject({ errors: [{ path, message: expect.stringContaining(nearest) }] })
})

test('an outcome of another vendor is refused for this one, and accepted where no vendor is named', async () => {
  const sandbox = await aSandbox()

  expect((await verify(sandbox, { vendor: 'teak', outcome: 'wrong-secrt', times: 0 })).status).toBe(422)
  expect((await verify(sandbox, { vendor: 'kakao', outcome: 'wrong-secret', times: 0 })).status).toBe(422)
  expect((await verify(sandbox, { vendor: 'teak', outcome: 'wrong-secret', times: 0 })).status).toBe(200)
  expect((await verify(sandbox, { outcome: 'wrong-secret', times: 0 })).status).toBe(200)
})

test.each([
  'aborted',
  'failed',
  'fault',
  'method-not-allowed',
  'not-found',
  'preflight',
  'redirected',
  'stalled',
  'storage-full',
  'tls-handshake',
  'too-large',
  'unavailable',
  'unparsable',
  'unrouted',
  'workspace-conflict',
  'workspace-name',
  'workspace-limit',
])('the outcome %s of the sandbox itself can be asked of every vendor', async (outcome) => {
  const sandbox = await aSandbox()

  expect((await verify(sandbox, { vendor: 'teak', outcome, times: 0 })).status).toBe(200)
  expect((await verify(sandbox, { outcome, times: 0 })).status).toBe(200)
  expect(await sandbox.control('GET', 'vendors/teak')).toMatchObject({ outcomes: expect.arrayContaining([outcome]) })
})

test('every outcome that a workspace name can lead to is one that can be asked for', async () => {
  const sandbox = await aSandbox({ workspaceLimit: 1 })
  await sandbox.ask('/@No/teak/')
  await sandbox.ask('/@one/teak/', { headers: { 'X-Sandbox-Workspace': 'other' } })
  await sandbox.ask('/@one/teak/')

  const { entries } = (await sandbox.control('GET', 'traffic')) as { entries: { outcome: string }[] }
  const found = entries.map(({ outcome }) => outcome).sort()

  expect(found).toEqual(['workspace-conflict', 'workspace-limit', 'workspace-name'])
  for (const outcome of found) expect((await verify(sandbox, { outcome, times: 1 })).status).toBe(200)
})

test('times without a bound is refused, because it would hold whatever happened', async () => {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {} })

  const reply = await sandbox.ask('/_sandbox/verify', post({ vendor: 'shop', times: {} }))

  expect([reply.status, await reply.text()]).toEqual([422, expect.stringContaining('give atLeast, atMost or both')])
})

test('numbers that a double would change are compared by their digits', async () => {
  const sandbox = await aShop()
  const send = (path: string, body: string) => sandbox.ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  const asks = async (steam: string) => {
    const reply = await send('/_sandbox/verify', `{"vendor":"shop","body":{"of":[{"steam":${steam}}]}}`)
    return reply.text()
  }
  await send('/shop/purchases', '{"id":"a","of":[{"steam":76561198122624102}]}')

  expect(await asks('76561198122624102')).toContain('"ok":true')
  expect(await asks('76561198122624102.0')).toContain('"ok":true')
  const difference = (expected: string) => `{"path":"/body/of/0/steam","expected":${expected},"actual":76561198122624102}`
  expect(await asks('76561198122624103')).toContain(difference('76561198122624103'))
  // A number is not the text of its digits.
  expect(await asks('"76561198122624102"')).toContain(difference('"76561198122624102"'))
  // JSON.stringify of JavaScript sends the literal 76561198122624102 with these digits.
  expect(await asks('76561198122624100')).toContain('"ok":true')
  expect(await asks('1e400')).toContain('"ok":false')
})

test('zero is zero with either sign, and a member may be named $number', async () => {
  const sandbox = await aShop()
  const body = '{"id":"a","zero":-0,"large":1e400,"$number":"5"}'
  await sandbox.ask('/shop/purchases', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })

  expect((await verify(sandbox, { vendor: 'shop', body: { zero: 0, $number: '5' } })).body).toMatchObject({ ok: true })
})
