import { describe, expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'
import { ask, purchase, report, told } from './requests.js'

describe('parameters', () => {
  test('may stand in the query, and the body wins', async () => {
    const sandbox = await aSandbox()
    const { secret_key, user_id, ...rest } = purchase
    const query = new URLSearchParams({ secret_key: String(secret_key), user_id: String(user_id), amount: '1' })
    expect((await ask(sandbox, 'POST', `/v2/purchase?${query.toString()}`, rest)).status).toBe(200)
    expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ amount: 499 }])
  })

  test('that the body has empty are absent, whatever the query says', async () => {
    const sandbox = await aSandbox()
    const path = '/v2/purchase?amount=1&platform_id=from-query'
    expect((await ask(sandbox, 'POST', path, { ...purchase, amount: '' })).status).toBe(422)
    expect((await ask(sandbox, 'POST', path, { ...purchase, platform_id: null })).status).toBe(200)
    const [row] = await sandbox.rows('teak', 'purchases')
    expect(row?.['platformId']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test.each<[string, string, Record<string, unknown>, string, unknown]>([
    ['POST', '/v2/purchase', { ...purchase, amount: '' }, 'amount is empty; send', ''],
    ['POST', '/v2/purchase', { ...purchase, amount: null }, 'amount is null; send', null],
    ['POST', '/v2/purchase', { ...purchase, game_id: '' }, 'game_id is empty; send', ''],
    ['POST', '/v2/purchase', { ...purchase, secret_key: '' }, 'secret_key is empty; teak.games has', ''],
    ['POST', '/v2/purchase', { ...purchase, user_id: null }, 'user_id is null; game 123456 has', null],
    ['POST', '/v2/identify', { ...purchase, user_id: '', country_code: 'US' }, 'user_id is empty; send', ''],
    ['POST', '/v2/identify', { ...purchase, country_code: '' }, 'country_code is empty; send', ''],
    ['DELETE', '/v2/users', { ...purchase, user_id: null }, 'user_id is null; send', null],
    ['POST', '/v2/purchase?amount=5', { ...purchase, amount: '' }, `amount is empty in the body, which hides the query's "5"; send`, ''],
    ['POST', '/v2/purchase?amount=5&amount=6', { ...purchase, amount: '' }, `hides the query's "6"; send`, ''],
    ['POST', '/v2/purchase?amount=', { ...purchase, amount: undefined }, 'amount is empty; send', ''],
    ['POST', '/v2/purchase', { ...purchase, amount: undefined }, 'amount is absent; send', undefined],
  ])('of %s %s that are sent empty or as null are told as such: %j', async (method, path, body, sentence, got) => {
    const sandbox = await aSandbox()
    await ask(sandbox, method, path, body)
    const { entries } = (await sandbox.control('GET', 'traffic?limit=1')) as { entries: object[] }
    const expected = [expect.objectContaining(got === undefined ? {} : { got })]
    expect(entries[0]).toMatchObject({ explanation: expect.stringContaining(sentence), expected })
  })

  test.each([
    ['secret_key=server-secret&secret_key=bad', 'secret_key is "bad", which is not the server secret', 'bad'],
    ['secret_key=bad&secret_key=', 'secret_key is empty; teak.games has', ''],
  ])('that a query repeats are told by the last value, which counts: %s', async (query, sentence, got) => {
    const sandbox = await aSandbox()
    await ask(sandbox, 'POST', `/v2/purchase?${query}`, { ...purchase, secret_key: undefined })
    const { entries } = (await sandbox.control('GET', 'traffic?limit=1')) as { entries: object[] }
    expect(entries[0]).toMatchObject({ explanation: expect.stringContaining(sentence), expected: [{ pointer: '/query/secret_key', got }] })
  })

  test.each(['application/json; charset=utf-8', 'Application/JSON'])('are read from %s', async (type) => {
    const sandbox = await aSandbox()
    expect((await ask(sandbox, 'POST', '/v2/purchase', JSON.stringify(purchase), { 'Content-Type': type })).status).toBe(200)
  })

  test.each(['text/plain', 'application/xml', ''])('are not read from "%s"', async (type) => {
    const sandbox = await aSandbox()
    expect((await ask(sandbox, 'POST', '/v2/purchase', JSON.stringify(purchase), { 'Content-Type': type })).status).toBe(404)
    expect((await told(sandbox)).explanation).toContain('The body was not read: Content-Type is')
  })

  test('are absent from an empty JSON body', async () => {
    const sandbox = await aSandbox()
    expect((await ask(sandbox, 'POST', '/v2/purchase', '')).status).toBe(404)
  })

  test.each<[string, string | Uint8Array, string]>([
    ['broken JSON', '{"game_id":', 'application/json'],
    ['an array', '[]', 'application/json'],
    ['null', 'null', 'application/json'],
    ['malformed UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), 'application/json'],
    ['a deep nest', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'application/json'],
    ['a broken escape', 'game_id=%zz', 'application/x-www-form-urlencoded'],
    ['an escape that is not UTF-8', 'game_id=%ff', 'application/x-www-form-urlencoded'],
  ])('that are %s are refused with 400', async (_, body, type) => {
    const sandbox = await aSandbox()
    const reply = await ask(sandbox, 'POST', '/v2/purchase', body, { 'Content-Type': type })
    expect([reply.status, reply.body['code']]).toEqual([400, 400])
    expect((await told(sandbox)).outcome).toBe('unreadable')
  })

  test('in a query that is not UTF-8 are refused, not replaced', async () => {
    const sandbox = await aSandbox()
    expect((await ask(sandbox, 'POST', '/v2/purchase?product_name=%ff', purchase)).status).toBe(400)
    expect(await sandbox.rows('teak', 'purchases')).toEqual([])
  })
})

describe('a body that is not what its Content-Type says', () => {
  const jsonType = { 'Content-Type': 'application/json' }
  const formType = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const asForm = new URLSearchParams(Object.entries(purchase).map(([name, value]): [string, string] => [name, String(value)])).toString()

  test('JSON as curl -d sends it, as a form, names the header to send', async () => {
    const sandbox = await aSandbox()
    for (const path of ['/v2/purchase', '/v2/identify', '/me/purchase']) {
      expect((await ask(sandbox, 'POST', path, purchase, formType)).status).toBe(404)
      expect((await told(sandbox)).explanation).toContain(
        'The body is JSON, but Content-Type is application/x-www-form-urlencoded, as curl -d sends it: send "Content-Type: application/json".',
      )
    }
    await ask(sandbox, 'POST', '/v2/purchase', { ...purchase, product_name: '100%' }, formType)
    expect((await told(sandbox)).explanation).toContain('send "Content-Type: application/json"')
  })

  test('JSON as a form is explained even if the query has the game', async () => {
    const sandbox = await aSandbox()
    const query = '?game_id=123456&secret_key=server-secret'
    expect((await ask(sandbox, 'POST', `/v2/purchase${query}`, purchase, formType)).status).toBe(422)
    expect((await told(sandbox)).explanation).toContain('The body is JSON')
    expect((await ask(sandbox, 'POST', '/v2/purchase?game_id=123456', purchase, formType)).status).toBe(403)
    expect((await told(sandbox)).explanation).toContain('The body is JSON')
  })

  test('a form as JSON names the header to send', async () => {
    const sandbox = await aSandbox()
    expect((await ask(sandbox, 'POST', '/v2/purchase', asForm, jsonType)).status).toBe(400)
    expect((await told(sandbox)).explanation).toContain('send "Content-Type: application/x-www-form-urlencoded"')
    expect((await ask(sandbox, 'POST', '/v2/purchase', asForm, formType)).status).toBe(200)
    expect((await told(sandbox)).explanation).not.toContain('Content-Type')
  })

  test('JSON behind a byte order mark is refused, as by Ruby, and a form loses its first name', async () => {
    const sandbox = await aSandbox()
    expect((await ask(sandbox, 'POST', '/v2/purchase', `\ufeff${JSON.stringify(purchase)}`)).status).toBe(400)
    expect((await told(sandbox)).explanation).toContain('byte order mark (EF BB BF) before the JSON; send the body without it')
    expect((await ask(sandbox, 'POST', '/v2/purchase', `\ufeff${asForm}`, formType)).status).toBe(404)
    expect((await told(sandbox)).explanation).toContain('byte order mark (EF BB BF) stands before the name game_id')
    expect(await sandbox.rows('teak', 'purchases')).toEqual([])
  })

  test.each([
    ['amount[]', 'amount', 422],
    ['Amount', 'amount', 422],
    ['userId', 'user_id', 404],
    ['gameId', 'game_id', 404],
    ['secretKey', 'secret_key', 403],
  ])('with %s in place of %s says which name was sent', async (sent, wanted, status) => {
    const sandbox = await aSandbox()
    expect((await report(sandbox, { [wanted]: undefined, [sent]: purchase[wanted] })).status).toBe(status)
    expect((await told(sandbox)).explanation).toContain(`The request has "${sent}", which is another name: send ${wanted}.`)
  })

  test('with a percent escape of Latin-1 says which and how it is in UTF-8', async () => {
    const sandbox = await aSandbox()
    expect((await ask(sandbox, 'POST', '/v2/purchase', `${asForm}&product_name=caf%E9`, formType)).status).toBe(400)
    expect((await told(sandbox)).explanation).toContain('%E9 in product_name, a percent escape that is not UTF-8; "é" is %C3%A9 in UTF-8')
    expect((await ask(sandbox, 'POST', '/v2/purchase', `${asForm}&caf%E9=1`, formType)).status).toBe(400)
    expect((await told(sandbox)).explanation).toContain('%E9 in the name caf%E9, a percent escape that is not UTF-8')
    expect((await ask(sandbox, 'POST', '/v2/purchase?product_name=caf%E9', purchase)).status).toBe(400)
    expect((await told(sandbox)).explanation).toContain('the query holds %E9 in product_name')
  })
})

describe('Teak', () => {
  test.each([
    ['GET', '/v2/purchase'],
    ['PUT', '/v2/purchase'],
    ['POST', '/v2/schedule'],
    ['POST', '/v2/purchase.json'],
    ['POST', '/V2/purchase'],
  ])('does not know %s %s', async (method, path) => {
    const sandbox = await aSandbox()
    const reply = await sandbox.ask(`https://api.gocarrot.com${path}`, { method })
    expect(reply.status).toBe(404)
    expect(await reply.json()).toEqual({ code: 404, error: { message: 'Not found' } })
  })

  test('answers under its own hosts, its prefix and its localhost name', async () => {
    const sandbox = await aSandbox()
    for (const base of ['https://api.gocarrot.com', 'https://gocarrot.com', 'http://teak.localhost:4010', 'http://127.0.0.1:4010/teak']) {
      const reply = await sandbox.ask(`${base}/v2/purchase`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(purchase),
      })
      expect(reply.status).toBe(200)
    }
  })

  test('refuses a body that is too large in its own words', async () => {
    const sandbox = await aSandbox({ bodyLimit: 1000 })
    expect(await report(sandbox, { product_name: 'x'.repeat(2000) })).toMatchObject({ status: 413, body: { code: 413 } })
  })
})
