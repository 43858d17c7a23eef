import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { aSandbox, form } from '../../support/sandbox.js'
import { ask, purchase, report, told } from './requests.js'

const invalidGameOrUser = { code: 404, error: { message: 'Invalid game id or user id' } }

describe('a purchase report', () => {
  test('of the worked example is recorded', async () => {
    const sandbox = await aSandbox()
    const reply = await sandbox.ask('/teak/v2/purchase', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(purchase),
    })
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await reply.text()).toBe('{"code":200}')
    expect(await sandbox.rows('teak', 'purchases')).toMatchObject([
      {
        gameId: '123456',
        platformId: 'order-0001',
        userId: 'player-1',
        amount: 499,
        platform: 'ios',
        productName: '100 gems',
        storeName: 'my_webshop',
      },
    ])
  })

  test('may be a form, and a withdrawal', async () => {
    const sandbox = await aSandbox()
    const fields = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: '-1000', platform_id: 'wd-1' }
    const reply = await sandbox.ask('/teak/v2/purchase', form(fields))
    expect(reply.status).toBe(200)
    expect(await sandbox.rows('teak', 'purchases')).toMatchObject([
      { amount: -1000, platform: 'desktop', storeName: 'server_api', productName: 'Withdrawal $10.00' },
    ])
  })

  test('without optional parameters gets the documented defaults, and a new id each time', async () => {
    const sandbox = await aSandbox({ seedDocument: { ...gameSeed, clock: { now: '2026-01-02T03:04:05.000Z', frozen: true } } })
    for (const absent of [undefined, '', null]) {
      const changes = { platform: absent, platform_id: absent, product_name: absent, store_name: absent, happened_at: absent }
      expect((await report(sandbox, changes)).status).toBe(200)
    }
    const rows = await sandbox.rows('teak', 'purchases')
    expect(new Set(rows.map((row) => row['platformId'])).size).toBe(3)
    for (const row of rows) {
      expect(row['platformId']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(row).toMatchObject({
        platform: 'desktop',
        productName: 'Purchase $4.99',
        storeName: 'server_api',
        happenedAt: '2026-01-02T03:04:05.000Z',
      })
    }
  })

  test.each<[unknown, number, string]>([
    [0, 0, 'Purchase $0.00'],
    ['+5', 5, 'Purchase $0.05'],
    ['-0', 0, 'Purchase $0.00'],
    [-1, -1, 'Withdrawal $0.01'],
    ['9007199254740991', 9007199254740991, 'Purchase $90071992547409.91'],
    ['000000000000000000000001', 1, 'Purchase $0.01'],
  ])('of amount %j is recorded', async (amount, kept, productName) => {
    const sandbox = await aSandbox()
    expect((await report(sandbox, { amount, product_name: undefined })).status).toBe(200)
    expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ amount: kept, productName }])
  })

  test.each([1.5, '1.5', '4.99', 'ten', ' 1', '1e2', true, {}, [1], '9007199254740993', 1e300])(
    'of amount %j is refused',
    async (amount) => {
      const sandbox = await aSandbox()
      const { status, body } = await report(sandbox, { amount })
      expect([status, body]).toEqual([422, { code: 422, error: { message: 'amount must be an integer' } }])
      expect(await sandbox.rows('teak', 'purchases')).toEqual([])
      expect((await told(sandbox)).explanation).toContain('amount')
    },
  )

  test.each(['499.00000000000000001', '1e-400', '-1e-400'])(
    'of amount %s, which JavaScript rounds to a whole number, is refused',
    async (amount) => {
      const sandbox = await aSandbox()
      const body = JSON.stringify({ ...purchase, amount: 0 }).replace('"amount":0', `"amount":${amount}`)
      expect(await ask(sandbox, 'POST', '/v2/purchase', body)).toMatchObject({ status: 422 })
      expect((await told(sandbox)).explanation).toContain(`amount is ${amount}; send`)
    },
  )

  test.each([
    ['9007199254740992', '9007199254740992', true],
    ['"9007199254740992"', '"9007199254740992"', true],
    ['1e400', '1e400', true],
    ['76561198122624102', '76561198122624102', true],
    ['499.00000000000000001', '499.00000000000000001', false],
    ['true', 'true', false],
    ['" 499"', '" 499"', false],
    ['"1e2"', '"1e2"', false],
    ['"0x10"', '"0x10"', false],
  ])('of amount %s is refused as it was sent, with the range only where that is the fault', async (amount, shown, isBeyond) => {
    const sandbox = await aSandbox()
    const body = JSON.stringify({ ...purchase, amount: 0 }).replace('"amount":0', `"amount":${amount}`)
    expect(await ask(sandbox, 'POST', '/v2/purchase', body)).toMatchObject({ status: 422 })
    const { explanation } = await told(sandbox)
    expect(explanation).toContain(`amount is ${shown}; send`)
    expect(explanation.includes('2^53')).toBe(isBeyond)
  })

  test.each(['499.0', '49900e-2'])('of amount %s is recorded as 499 cents', async (amount) => {
    const sandbox = await aSandbox()
    const body = JSON.stringify({ ...purchase, amount: 0 }).replace('"amount":0', `"amount":${amount}`)
    expect(await ask(sandbox, 'POST', '/v2/purchase', body)).toMatchObject({ status: 200 })
    expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ amount: 499 }])
  })

  test.each([
    ['a body', '/v2/purchase', 'amount=+5&happened_at=2018-08-23T17:00:00Z'],
    ['a query', '/v2/purchase?amount=5&happened_at=2018-08-23T17:00:00+09:00', ''],
  ])('with a "+" that %s turns into a blank is refused with what to send', async (_what, path, fields) => {
    const sandbox = await aSandbox()
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const body = `game_id=123456&secret_key=server-secret&user_id=player-1&${fields}`
    expect(await ask(sandbox, 'POST', path, body, type)).toMatchObject({ status: 422 })
    expect((await told(sandbox)).explanation).toMatch(/ A "\+" means a blank there; send a "\+" as %2B\.$/)
  })

  test.each([
    ['happened_at=2099-08-23+17:00:00', "after the sandbox's clock"],
    ['happened_at=2018-02-30+17:00:00', 'send an ISO 8601 timestamp'],
    ['happened_at=2099-08-23T17:00:00+%2B09:00', "after the sandbox's clock"],
    ['user_id=Jane+Doe', 'no such player'],
  ])('whose form writes blanks as "+", as in %s, is refused without advice about a "+"', async (field, sentence) => {
    const sandbox = await aSandbox()
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const body = `game_id=123456&secret_key=server-secret&user_id=player-1&amount=5&${field}`
    await ask(sandbox, 'POST', '/v2/purchase', body, type)
    const { explanation } = await told(sandbox)
    expect(explanation).toContain(sentence)
    expect(explanation).not.toContain('%2B')
  })

  test('whose secret lost its "+" is refused with what to send', async () => {
    const sandbox = await aSandbox({ seedDocument: { teak: { games: [{ gameId: '1', secretKey: 'a+b' }] } } })
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect(await ask(sandbox, 'POST', '/v2/purchase', 'game_id=1&secret_key=a+b', type)).toMatchObject({ status: 403 })
    expect((await told(sandbox)).explanation).toContain('send a "+" as %2B')
  })

  test.each([undefined, null, ''])('with amount %j is refused as incomplete', async (amount) => {
    const sandbox = await aSandbox()
    expect(await report(sandbox, { amount })).toMatchObject({
      status: 422,
      body: { code: 422, error: { message: 'amount must be present' } },
    })
  })

  test.each<[Record<string, unknown>, string]>([
    [{ platform: 'amazon' }, 'platform'],
    [{ platform: 'iOS' }, 'platform'],
    [{ platform: 1 }, 'platform'],
    [{ product_name: {} }, 'product_name'],
    [{ platform_id: [] }, 'platform_id'],
    [{ store_name: true }, 'store_name'],
    [{ happened_at: 'yesterday' }, 'happened_at'],
    [{ happened_at: '2018-02-30 10:00:00' }, 'happened_at'],
    [{ happened_at: '2018-13-01' }, 'happened_at'],
    [{ happened_at: '0000-00-00 00:00:00' }, 'happened_at'],
    [{ happened_at: 1534989600 }, 'happened_at'],
    [{ happened_at: '2999-01-01 00:00:00' }, 'happened_at'],
  ])('with %j is refused and names the parameter', async (changes, name) => {
    const sandbox = await aSandbox()
    const { status, body } = await report(sandbox, changes)
    expect([status, body['code']]).toEqual([422, 422])
    expect(JSON.stringify(body)).toContain(name)
    expect((await told(sandbox)).explanation).toContain(name)
    expect(await sandbox.rows('teak', 'purchases')).toEqual([])
  })

  test.each([
    ['2018-08-23 17:00:00', '2018-08-23T17:00:00.000Z'],
    ['2018-08-23T17:00:00Z', '2018-08-23T17:00:00.000Z'],
    ['2018-08-23T17:00:00.123+09:00', '2018-08-23T08:00:00.123Z'],
    ['2018-08-23 17:00:00 UTC', '2018-08-23T17:00:00.000Z'],
    ['2018-08-23T17:00-0500', '2018-08-23T22:00:00.000Z'],
    ['2018-08-23T17:00:00+02', '2018-08-23T15:00:00.000Z'],
    ['2018-08-23', '2018-08-23T00:00:00.000Z'],
  ])('that happened at %s is kept as %s', async (happened_at, kept) => {
    const sandbox = await aSandbox()
    expect((await report(sandbox, { happened_at })).status).toBe(200)
    expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ happenedAt: kept }])
  })

  test('is in the future by the sandbox’s clock, not by the machine’s', async () => {
    const sandbox = await aSandbox({ seedDocument: { ...gameSeed, clock: { now: '2019-01-01T00:00:00.000Z', frozen: true } } })
    expect((await report(sandbox, { happened_at: '2019-01-01 00:00:01' })).status).toBe(422)
    expect((await report(sandbox, { happened_at: '2019-01-01 00:00:00' })).status).toBe(200)
  })

  test('under an id that is known changes nothing, whatever else differs', async () => {
    const sandbox = await aSandbox()
    await report(sandbox)
    for (const changes of [{}, { amount: -499 }, { user_id: 'player-2', amount: 1, platform: 'android' }]) {
      expect(await report(sandbox, changes)).toMatchObject({ status: 200, body: { code: 200 } })
      expect(await told(sandbox)).toMatchObject({ outcome: 'repeated', explanation: expect.stringContaining('request r-1 ') })
    }
    expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ amount: 499, userId: 'player-1', platform: 'ios' }])
  })

  test('sent many times at once is recorded once', async () => {
    const sandbox = await aSandbox()
    const replies = await Promise.all(Array.from({ length: 30 }, (_, amount) => report(sandbox, { amount })))
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200))
    expect(await sandbox.rows('teak', 'purchases')).toHaveLength(1)
  })

  test('under the same id for another game is another purchase', async () => {
    const games = [...gameSeed.teak.games, { gameId: '7', secretKey: 'seven' }]
    const sandbox = await aSandbox({
      seedDocument: { teak: { games, players: [...gameSeed.teak.players, { gameId: '7', userId: 'player-1' }] } },
    })
    await report(sandbox)
    expect((await report(sandbox, { game_id: 7, secret_key: 'seven' })).status).toBe(200)
    expect(await sandbox.rows('teak', 'purchases')).toHaveLength(2)
  })

  test.each<[Record<string, unknown>, string]>([
    [{ game_id: 'other' }, 'unknown-game'],
    [{ game_id: undefined }, 'unknown-game'],
    [{ game_id: {} }, 'unknown-game'],
    [{ user_id: 'stranger' }, 'unknown-player'],
    [{ user_id: undefined }, 'unknown-player'],
    [{ user_id: ['player-1'] }, 'unknown-player'],
  ])('with %j is refused with the documented message', async (changes, outcome) => {
    const sandbox = await aSandbox()
    const { status, body } = await report(sandbox, changes)
    expect([status, body]).toEqual([404, invalidGameOrUser])
    expect((await told(sandbox)).outcome).toBe(outcome)
    expect(await sandbox.rows('teak', 'purchases')).toEqual([])
  })

  test.each(['wrong', undefined, null, {}])('with secret %j is refused with 403', async (secret_key) => {
    const sandbox = await aSandbox()
    const { status, body } = await report(sandbox, { secret_key, amount: 'nonsense' })
    expect([status, body['code']]).toEqual([403, 403])
    expect((await told(sandbox)).outcome).toBe('wrong-secret')
  })

  test.each([
    ['"wrong"', /^secret_key is "wrong", which is not the server secret of game 123456; teak\.games has it\.$/],
    ['null', /^secret_key is null; teak\.games has the server secret of game 123456\.$/],
  ])('with secret %s explains what is wrong with it', async (secret, sentence) => {
    const sandbox = await aSandbox()
    await ask(sandbox, 'POST', '/v2/purchase', `{"game_id":"123456","secret_key":${secret}}`)
    expect((await told(sandbox)).explanation).toMatch(sentence)
  })

  test('with a fraction explains the number as it was sent', async () => {
    const sandbox = await aSandbox()
    await report(sandbox, { amount: 4.99 })
    expect((await told(sandbox)).explanation).toMatch(/^amount is 4\.99;/)
  })

  test('is judged in order: body, game, secret, parameters, player', async () => {
    const sandbox = await aSandbox()
    const wrong = { game_id: 'other', secret_key: 'wrong', amount: 'x', user_id: 'stranger' }
    const statuses: number[] = []
    for (const fix of [{}, { game_id: '123456' }, { secret_key: 'server-secret' }, { amount: 1 }, { user_id: 'player-1' }]) {
      statuses.push((await report(sandbox, Object.assign(wrong, fix))).status)
    }
    expect(statuses).toEqual([404, 403, 422, 404, 200])
  })

  test('may name players and games by numbers, of any size', async () => {
    const players = [{ gameId: '123456', userId: '10156712345678901' }]
    const sandbox = await aSandbox({ seedDocument: { teak: { ...gameSeed.teak, players } } })
    const text = JSON.stringify({ ...purchase, game_id: 123456 }).replace('"player-1"', '10156712345678901')
    expect((await ask(sandbox, 'POST', '/v2/purchase', text)).status).toBe(200)
    expect((await ask(sandbox, 'POST', '/v2/purchase', text.replace('10156712345678901', '10156712345678900'))).status).toBe(404)
  })
})

const gameSeed = {
  teak: { games: [{ gameId: '123456', secretKey: 'server-secret' }], players: [{ gameId: '123456', userId: 'player-1' }] },
}

describe('the documents', () => {
  test.each([
    ['/me/purchase', ['product_id', 'purchase_token', 'order_id', 'transaction_identifier', 'error_string']],
    ['/v2/identify', ['client_ip', 'email', 'deep_link']],
    ['/v2/purchase', ['game_id', 'secret_key', 'user_id']],
  ])('of %s have numbers where they are read as their digits', async (path, names) => {
    const document = (await (await aSandbox()).control('GET', 'openapi/teak.json')) as Documents
    const { schema } = document.paths[path]!.post.requestBody.content['application/json']!
    for (const name of names) expect(schema.properties[name]).toMatchObject({ type: ['string', 'number'] })
  })

  const values: readonly unknown[] = ['text', '12', 'ios', '2018-08-23 17:00:00', 12, 1.5, true, ['12'], { a: 1 }]

  test.each(['amount', 'platform', 'product_name', 'platform_id', 'store_name', 'happened_at'])(
    'name exactly the types of %s that are accepted',
    async (name) => {
      const sandbox = await aSandbox()
      const document = (await sandbox.control('GET', 'openapi/teak.json')) as Documents
      const { schema } = document.paths['/v2/purchase']!.post.requestBody.content['application/json']!
      const documented = z.fromJSONSchema(schema.properties[name] as Parameters<typeof z.fromJSONSchema>[0])
      for (const value of values) {
        const { status } = await report(sandbox, { [name]: value, platform_id: name === 'platform_id' ? value : randomUUID() })
        // A string that is not a timestamp has the documented type and is refused.
        const isTimestamp = name === 'happened_at' && typeof value === 'string'
        expect([value, isTimestamp || status === 200]).toEqual([value, documented.safeParse(value).success])
      }
      expect(schema.required).toEqual(['game_id', 'secret_key', 'user_id', 'amount'])
    },
  )
})

interface Documents {
  paths: Record<string, { post: { requestBody: { content: Record<string, { schema: DocumentedObject }> } } }>
}

interface DocumentedObject {
  properties: Record<string, unknown>
  required: string[]
}
