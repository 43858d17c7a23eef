import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { aSandbox, form, post, type SandboxWishes, type TestSandbox } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

const aShop = (wishes: SandboxWishes = {}) => aSandbox({ roster: [shop], seedDocument: {}, ...wishes })

const addFault = (sandbox: TestSandbox, fault: object) =>
  sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, ...fault }) as Promise<{ id: string; hits: number }>

const buy = (sandbox: TestSandbox, id: string, extra: object = {}) => sandbox.ask('/shop/purchases', post({ id, ...extra }))

test('a named reply is given in the vendor’s place, which records nothing', async () => {
  const sandbox = await aShop()
  await addFault(sandbox, { effect: { kind: 'reply', name: 'service-unavailable' } })

  const answer = await buy(sandbox, 'o-1')

  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({ ok: false, reason: '' })
  expect(await sandbox.rows('shop', 'purchases')).toEqual([])
})

test('a fault after the vendor lets it record and alters the answer alone', async () => {
  const sandbox = await aShop()
  await addFault(sandbox, { position: 'after', effect: { kind: 'reply', status: 500 } })

  expect((await buy(sandbox, 'o-1')).status).toBe(500)
  expect(await sandbox.rows('shop', 'purchases')).toHaveLength(1)
})

test.each([
  [{ a: 1 }, 'application/json', '{"a":1}'],
  [[1, 2], 'application/json', '[1,2]'],
  ['<html>busy</html>', 'text/plain; charset=utf-8', '<html>busy</html>'],
])('an object is sent as JSON and text as it is: %j', async (body, type, sent) => {
  const sandbox = await aShop()
  await addFault(sandbox, { effect: { kind: 'reply', status: 502, headers: { 'Retry-After': '7' }, body } })

  const answer = await buy(sandbox, 'o-1')

  expect(answer.status).toBe(502)
  expect([answer.headers.get('retry-after'), answer.headers.get('content-type')]).toEqual(['7', type])
  expect(await answer.text()).toBe(sent)
})

test('a number with more digits than are read is refused with its digits', async () => {
  const sandbox = await aSandbox()
  const body = '{"match":{},"effect":{"kind":"delay","ms":12345678901234567891}}'

  const refused = await sandbox.ask('/_sandbox/faults', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })

  expect(refused.status).toBe(422)
  expect(await refused.text()).toContain('expected number, received 12345678901234567891, which')
})

test('times counts applications, skip lets the first matches pass', async () => {
  const sandbox = await aShop()
  const { id } = await addFault(sandbox, { effect: { kind: 'reply', status: 503 }, skip: 1, times: 2 })

  const statuses: number[] = []
  for (const order of ['o-1', 'o-2', 'o-3', 'o-4']) statuses.push((await buy(sandbox, order)).status)

  expect(statuses).toEqual([200, 503, 503, 200])
  expect(await sandbox.control('GET', `faults/${id}`)).toMatchObject({ hits: 2, matched: 3 })
})

test('a fault is applied exactly as often as asked for when requests come at once', async () => {
  const sandbox = await aShop()
  const { id } = await addFault(sandbox, { effect: { kind: 'reply', status: 503 }, times: 7 })

  const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => buy(sandbox, `o-${at}`)))

  expect(answers.filter(({ status }) => status === 503)).toHaveLength(7)
  expect(await sandbox.control('GET', `faults/${id}`)).toMatchObject({ hits: 7 })
})

test('the first fault that matches and is not used up applies, one a request', async () => {
  const sandbox = await aShop()
  await addFault(sandbox, { effect: { kind: 'reply', status: 501 }, times: 1 })
  await addFault(sandbox, { effect: { kind: 'reply', status: 502 } })

  expect([(await buy(sandbox, 'o-1')).status, (await buy(sandbox, 'o-1')).status]).toEqual([501, 502])
})

test.each<[string, object, boolean]>([
  ['the method in any case', { method: 'post' }, true],
  ['another method', { method: 'GET' }, false],
  ['a path', { path: '/purchases' }, true],
  ['the start of a path', { path: '/purch*' }, true],
  ['a path that only begins so', { path: '/purch' }, false],
  ['a part of the body', { body: { id: 'o-1' } }, true],
  ['a deep part of the body', { body: { cart: { items: [{ sku: 'gem' }] } } }, true],
  ['another body', { body: { id: 'o-2' } }, false],
  ['a list of another length', { body: { cart: { items: [] } } }, false],
  ['a header', { headers: { 'X-Build': '7' } }, true],
  ['another header', { headers: { 'x-build': '8' } }, false],
  ['the query', { query: { page: '2' } }, true],
  ['another vendor', { vendor: 'other' }, false],
])('matching looks at %s', async (_name, match, matches) => {
  const other = { ...shop, id: 'other', hosts: [] }
  const sandbox = await aSandbox({ roster: [shop, other], seedDocument: {} })
  await sandbox.control('POST', 'faults', { match, effect: { kind: 'reply', status: 503 } })

  const body = { id: 'o-1', cart: { items: [{ sku: 'gem', count: 2 }] } }
  const answer = await sandbox.ask('/shop/purchases?page=2&page=3', post(body, { 'X-Build': '7' }))

  expect(answer.status).toBe(matches ? 503 : 200)
})

test('a form is matched as an object of texts, and a sealed body by what its vendor opens', async () => {
  const sandbox = await aShop()
  await addFault(sandbox, { match: { body: { amount: '499' } }, effect: { kind: 'reply', status: 503 } })
  const sealed = Buffer.from(JSON.stringify({ amount: '499' })).toString('base64')

  expect((await sandbox.ask('/shop/echo', form({ amount: '499', id: 'x' }))).status).toBe(503)
  expect((await sandbox.ask('/shop/echo', { method: 'POST', headers: { 'X-Sealed': '1' }, body: sealed })).status).toBe(503)
  expect((await sandbox.ask('/shop/echo', { method: 'POST', body: sealed })).status).toBe(200)
})

test('only vendor requests meet faults', async () => {
  const sandbox = await aShop()
  await sandbox.control('POST', 'faults', { effect: { kind: 'drop' } })

  expect((await sandbox.ask('/unknown')).status).toBe(404)
  expect((await sandbox.ask('/_sandbox/health')).status).toBe(200)
})

test('a drop rejects as fetch does, and a hang waits for the caller', async () => {
  const sandbox = await aShop()
  await addFault(sandbox, { effect: { kind: 'drop' }, times: 1 })
  await addFault(sandbox, { effect: { kind: 'hang' } })

  await expect(buy(sandbox, 'o-1')).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } })
  const signal = AbortSignal.timeout(30)
  await expect(sandbox.ask('/shop/purchases', { ...post({ id: 'o-1' }), signal })).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('a hang ends when the sandbox stops', async () => {
  const sandbox = await aShop()
  await addFault(sandbox, { effect: { kind: 'hang' } })
  const hung = buy(sandbox, 'o-1')
  hung.catch(() => undefined)

  await sandbox.ask('/_sandbox/health')
  sandbox.beginClosing()

  await expect(hung).rejects.toThrow('The sandbox was closed.')
})

test('a truncated body breaks off after its bytes, a dripping one comes whole', async () => {
  const sandbox = await aShop()
  await addFault(sandbox, { effect: { kind: 'truncate', bytes: 3 }, times: 1 })
  await addFault(sandbox, { effect: { kind: 'drip', bytesPerSecond: 1000 } })

  const cut = await buy(sandbox, 'o-1')
  expect(cut.status).toBe(200)
  await expect(cut.text()).rejects.toThrow('terminated')
  expect(await (await buy(sandbox, 'o-1')).json()).toEqual({ ok: true, id: 'o-1' })
})

test('a garbled body keeps status and type and no longer parses', async () => {
  const sandbox = await aShop()
  await addFault(sandbox, { effect: { kind: 'garble' } })

  const answer = await buy(sandbox, 'o-1')

  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
  await expect(answer.json()).rejects.toThrow(SyntaxError)
})

test('what a draw decides is the same under the same random seed', async () => {
  const run = async () => {
    const sandbox = await aShop({ randomSeed: '7' })
    await addFault(sandbox, { effect: { kind: 'reply', status: 503 }, probability: 0.5 })
    const statuses: number[] = []
    for (let at = 0; at < 20; at++) statuses.push((await buy(sandbox, `o-${at}`)).status)
    return statuses
  }

  const first = await run()

  expect(new Set(first)).toEqual(new Set([200, 503]))
  expect(await run()).toEqual(first)
})

test.each([{ ms: 40 }, { minMs: 40, maxMs: 45 }, { medianMs: 40, sigma: 0 }])('a delay %j holds the answer', async (delay) => {
  const sandbox = await aShop()
  await addFault(sandbox, { effect: { kind: 'delay', ...delay } })
  const started = performance.now()

  expect((await buy(sandbox, 'o-1')).status).toBe(200)
  expect(performance.now() - started).toBeGreaterThan(38)
})

test('a profile makes a ready set: flaky fails twice and then succeeds', async () => {
  const sandbox = await aShop()
  const made = (await sandbox.control('POST', 'faults', { profile: 'flaky', match: { vendor: 'shop' } })) as { faults: object[] }

  expect(made.faults).toMatchObject([{ id: 'f-1', times: 2, effect: { kind: 'reply', name: 'service-unavailable' } }])
  expect([(await buy(sandbox, 'o')).status, (await buy(sandbox, 'o')).status, (await buy(sandbox, 'o')).status]).toEqual([503, 503, 200])
})

test('charged-but-lost records the purchase once and loses the first answer', async () => {
  const sandbox = await aShop()
  await sandbox.control('POST', 'faults', { profile: 'charged-but-lost', match: { vendor: 'shop', path: '/purchases' } })

  await expect(buy(sandbox, 'o-1')).rejects.toThrow('fetch failed')
  expect(await sandbox.rows('shop', 'purchases')).toHaveLength(1)
  expect((await buy(sandbox, 'o-1')).status).toBe(200)
})

test.each(['brownout', 'offline'])('the profile %s can be made', async (profile) => {
  const sandbox = await aShop()
  const answer = await sandbox.ask('/_sandbox/faults', post({ profile, match: { vendor: 'shop' } }))

  expect(answer.status).toBe(201)
})

test.each<[string, unknown, string]>([
  ['an unknown vendor', { match: { vendor: 'unknown' }, effect: { kind: 'drop' } }, '/match/vendor'],
  ['an unknown reply', { match: { vendor: 'shop' }, effect: { kind: 'reply', name: 'teapot' } }, '/effect/name'],
  ['a reply of an inherited name', { match: { vendor: 'shop' }, effect: { kind: 'reply', name: 'constructor' } }, '/effect/name'],
  ['a named reply of no vendor', { effect: { kind: 'reply', name: 'invalid' } }, '/match/vendor'],
  ['a reply without name and status', { effect: { kind: 'reply' } }, '/effect/name'],
  ['an effect there is not', { effect: { kind: 'explode' } }, '/effect/kind'],
  ['a delay without a length', { effect: { kind: 'delay' } }, '/effect/ms'],
  ['a delay that ends before it begins', { effect: { kind: 'delay', minMs: 5, maxMs: 1 } }, '/effect/minMs'],
  ['a probability above one', { effect: { kind: 'drop' }, probability: 2 }, '/probability'],
  ['no times at all', { effect: { kind: 'drop' }, times: 0 }, '/times'],
  ['a header that breaks the answer', { effect: { kind: 'reply', status: 200, headers: { 'X-A': 'a\nb' } } }, '/effect/headers/X-A'],
  ['a length of its own', { effect: { kind: 'reply', status: 200, headers: { 'Content-Length': '5' } } }, '/effect/headers/Content-Length'],
  ['a member too many', { effect: { kind: 'drop' }, often: true }, '/often'],
  ['an unknown profile', { profile: 'unknown', match: { vendor: 'shop' } }, '/profile'],
  ['a profile without vendor', { profile: 'flaky' }, '/match/vendor'],
  ['a profile for an unknown vendor', { profile: 'flaky', match: { vendor: 'unknown' } }, '/match/vendor'],
  ['no object', 7, ''],
])('%s is refused with a pointer and makes nothing', async (_name, fault, path) => {
  const sandbox = await aShop()

  const answer = await sandbox.ask('/_sandbox/faults', post(fault))

  expect(answer.status).toBe(422)
  expect(((await answer.json()) as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path)
  expect(await sandbox.control('GET', 'faults')).toEqual({ faults: [] })
})

test('the id of a deleted fault never comes again', async () => {
  const sandbox = await aShop()
  const make = async () => (await addFault(sandbox, { effect: { kind: 'drop' } })).id
  expect([await make(), await make()]).toEqual(['f-1', 'f-2'])

  await sandbox.control('DELETE', 'faults/f-2')
  expect(await make()).toBe('f-3')
  await sandbox.control('DELETE', 'faults')
  expect(await make()).toBe('f-4')
})

test('a fault that is not there is a 404 problem', async () => {
  const sandbox = await aShop()

  expect((await sandbox.ask('/_sandbox/faults/f-9')).status).toBe(404)
  expect((await sandbox.ask('/_sandbox/faults/f-9', { method: 'DELETE' })).status).toBe(404)
})

test('faults of a seed are there from the start and come back with a reset', async () => {
  const rule = { match: { vendor: 'shop' }, effect: { kind: 'reply', name: 'invalid' }, times: 1 }
  const sandbox = await aShop({ seedDocument: { faults: [rule] } })

  expect([(await buy(sandbox, 'a')).status, (await buy(sandbox, 'a')).status]).toEqual([422, 200])
  await sandbox.control('POST', 'reset')
  expect((await buy(sandbox, 'a')).status).toBe(422)
})

test('a seed that names an unknown reply is refused as a whole', async () => {
  const sandbox = await aShop()
  const rule = { match: { vendor: 'shop' }, effect: { kind: 'reply', name: 'teapot' } }

  const answer = await sandbox.ask('/_sandbox/seed', post({ faults: [rule] }))

  expect(answer.status).toBe(422)
  expect(await answer.json()).toMatchObject({ errors: [{ path: '/faults/0/effect/name' }] })
  expect(await sandbox.control('GET', 'faults')).toEqual({ faults: [] })
})

test('two seeds at once do not take each other’s place', async () => {
  const sandbox = await aShop()
  const seed = { faults: [{ effect: { kind: 'drop' } }] }

  await Promise.all([1, 2, 3].map(() => sandbox.control('POST', 'seed', seed)))

  const { faults } = (await sandbox.control('GET', 'faults')) as { faults: { id: string }[] }
  expect(faults.map(({ id }) => id)).toEqual(['f-1', 'f-2', 'f-3'])
})

test('faults and the hits counted so far survive a restart, traffic does not', async () => {
  const data = await mkdtemp(join(tmpdir(), 'coinslot-faults-'))
  onTestFinished(() => rm(data, { recursive: true, force: true }))
  const first = await aShop({ memory: false, data })
  await addFault(first, { effect: { kind: 'reply', status: 503 }, times: 3 })
  await addFault(first, { effect: { kind: 'drop' } })
  await first.control('DELETE', 'faults/f-2')
  await buy(first, 'a')
  await first.close()

  const second = await aShop({ memory: false, data })

  expect(await second.control('GET', 'faults')).toMatchObject({ faults: [{ id: 'f-1', hits: 1, times: 3 }] })
  expect(await second.control('GET', 'traffic')).toMatchObject({ total: 0 })
  expect((await addFault(second, { effect: { kind: 'drop' } })).id).toBe('f-3')
})

test('a fault matches numbers by their digits, shows them and sends them as they came', async () => {
  const sandbox = await aShop()
  const send = (path: string, body: string) => sandbox.ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  const match = '"match":{"vendor":"shop","body":{"extra":76561198122624103}}'
  await send('/_sandbox/faults', `{${match},"effect":{"kind":"reply","status":503,"body":{"n":76561198122624105,"m":1e400,"$number":"1"}}}`)

  const other = await send('/shop/purchases', '{"id":"o-1","extra":76561198122624102}')
  const same = await send('/shop/purchases', '{"id":"o-2","extra":76561198122624103}')

  expect(other.status).toBe(200)
  expect(await same.text()).toBe('{"n":76561198122624105,"m":1e400,"$number":"1"}')
  const shown = await (await sandbox.ask('/_sandbox/faults')).text()
  expect(shown).toContain('"body":{"extra":76561198122624103}')
  expect(shown).toContain('"body":{"n":76561198122624105,"m":1e400,"$number":"1"}')
})

test('a fault with long numbers comes back with a snapshot and a session', async () => {
  const sandbox = await aShop()
  const rule = '{"match":{"vendor":"shop","body":{"extra":76561198122624103}},"effect":{"kind":"drop"}}'
  await sandbox.ask('/_sandbox/faults', { method: 'POST', body: rule })
  const shown = async (path: string) => (await sandbox.ask(path)).text()
  const before = await shown('/_sandbox/faults')

  await sandbox.control('PUT', 'snapshots/s')
  await sandbox.control('DELETE', 'faults')
  await sandbox.control('POST', 'snapshots/s/restore')
  await sandbox.control('PUT', 'workspaces/copy/session', JSON.parse(await shown('/_sandbox/session')))

  expect(before).toContain('76561198122624103')
  expect(await shown('/_sandbox/faults')).toBe(before)
  expect(await shown('/@copy/_sandbox/faults')).toBe(before)
})

test('a fault cannot set the header with the id of the request', async () => {
  const sandbox = await aShop()
  const effect = { kind: 'reply', status: 200, headers: { 'x-sandbox-Request': 'mine' } }

  const reply = await sandbox.ask('/_sandbox/faults', post({ effect }))

  expect([reply.status, await reply.text()]).toEqual([422, expect.stringContaining('is set by the sandbox')])
})

test('a truncation beyond the end says how many bytes the client got', async () => {
  const sandbox = await aShop()
  await addFault(sandbox, { effect: { kind: 'truncate', bytes: 9999 } })

  await buy(sandbox, 'o-1')

  const { entries } = (await sandbox.control('GET', 'traffic')) as { entries: { explanation: string }[] }
  expect(entries[0]!.explanation).toMatch(/cut the answer's body after 22 bytes/)
})
