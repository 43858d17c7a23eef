import { describe, expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'
import { ask, call, purchase, purchasePath, seedWith, told } from './requests.js'

const api = 'log/writePurchaseLog'

describe('a purchase log', () => {
  test('of the vendor’s own example is answered with a log id and nothing else', async () => {
    const sandbox = await aSandbox()
    const reply = await sandbox.ask(purchasePath, ask(purchase))
    const text = await reply.text()
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toBe('application/json;charset=UTF-8')
    expect(text).toMatch(/^\{"logId":"[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"\}$/)
    expect(Buffer.byteLength(text)).toBe(48)
    expect((await told(sandbox)).outcome).toBe('recorded')
  })

  test('is kept as sent, with who recorded it', async () => {
    const sandbox = await aSandbox()
    const { body } = await call(sandbox, api, { ...purchase, somethingElse: { deep: [1] } })
    expect(await sandbox.rows('kakao', 'purchaseLogs')).toMatchObject([
      {
        logId: body['logId'],
        appId: '103815',
        playerId: '123412341234',
        body: { ...purchase, somethingElse: { deep: [1] } },
        recordedBy: 'r-1',
      },
    ])
  })

  test('is explained with product, price and currency; quotes stand around an unknown currency', async () => {
    const sandbox = await aSandbox()
    await call(sandbox, api, purchase)
    expect((await told(sandbox)).explanation).toMatch(/ bought "[^"]+" for 12\.23 USD; logged as /)
    await call(sandbox, api, { ...purchase, currency: 'US dollars' })
    expect((await told(sandbox)).explanation).toMatch(/ for 12\.23 "US dollars"; logged as /)
  })

  test('reported twice is two logs', async () => {
    const sandbox = await aSandbox()
    const replies = await Promise.all(Array.from({ length: 20 }, () => call(sandbox, api, purchase)))
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(new Set(replies.map(({ body }) => body['logId'])).size).toBe(20)
    expect(await sandbox.rows('kakao', 'purchaseLogs')).toHaveLength(20)
  })

  test('carries the sandbox’s time in its log id', async () => {
    const sandbox = await aSandbox()
    await sandbox.control('PUT', 'clock', { now: '2024-06-22T21:45:32.502Z', frozen: true })
    const { body } = await call(sandbox, api, purchase)
    const [low, middle, high] = String(body['logId']).split('-')
    const steps = BigInt(`0x${high!.slice(1)}${middle}${low}`)
    expect(steps / 10_000n - 12_219_292_800_000n).toBe(1_719_092_732_502n)
  })

  test('keeps the decimal literal of its price', async () => {
    const sandbox = await aSandbox()
    for (const literal of ['12.10', '0.1000000000000000055511151231257827', '1E2', '-3', '9007199254740993']) {
      expect(await call(sandbox, api, JSON.stringify(purchase).replace('12.23', literal))).toMatchObject({ status: 200 })
    }
    await call(sandbox, api, { ...purchase, price: '4.990' })
    const rows = await sandbox.rows('kakao', 'purchaseLogs')
    expect(rows.map((row) => row['price'])).toEqual([
      '12.10',
      '0.1000000000000000055511151231257827',
      '1E2',
      '-3',
      '9007199254740993',
      '4.990',
    ])
  })

  test('keeps every digit of a number that a double would round', async () => {
    const sandbox = await aSandbox()
    const text = JSON.stringify({ ...purchase, grade: 0 })
      .replace('12312312333', '9223372036854775807')
      .replace('12.23', '1e400')
    expect((await call(sandbox, api, text)).status).toBe(200)
    const [row] = await sandbox.rows('kakao', 'purchaseLogs')
    expect(row?.['body']).toEqual({ ...purchase, grade: 0, price: '1e400', marketPurchaseTime: '9223372036854775807' })
  })

  test('keeps every digit inside maps and lists as well', async () => {
    const sandbox = await aSandbox()
    const sent =
      '{"ids":[76561198122624102,-12345678901234567890],"deep":{"id":123456789012345678901234567890,"far":1e400},"plain":12.50,"$number":"7"}'
    const text = JSON.stringify(purchase).replace('}', `,"marketPurchaseData":${sent}}`)
    expect((await call(sandbox, api, text)).status).toBe(200)
    const [row] = await sandbox.rows('kakao', 'purchaseLogs')
    expect(row?.['body']).toEqual({
      ...purchase,
      marketPurchaseData: {
        ids: ['76561198122624102', '-12345678901234567890'],
        deep: { id: '123456789012345678901234567890', far: '1e400' },
        plain: 12.5,
        $number: '7',
      },
    })
  })

  test.each<[string, Record<string, unknown>]>([
    [
      'a Go server, with seconds for milliseconds and no order',
      {
        currency: 'KRW',
        price: 1100,
        os: 'iOS',
        market: 'appStore',
        marketProductId: 'gem_1',
        country: 'kr',
        marketPurchaseTime: 1719092730,
      },
    ],
    [
      'a .NET server, with null for what is absent',
      {
        ...purchase,
        grade: 0,
        playerLv: 0,
        marketPurchaseData: null,
        purchaseToken: 'opaque',
        purchasePt: null,
        purchaseCount: null,
        level: 3,
      },
    ],
    ['a script, with a fractional time', { ...purchase, marketPurchaseTime: 1466127148.123 }],
    [
      'an Apple receipt, with texts for numbers',
      {
        ...purchase,
        market: 'appStore',
        marketPurchaseTime: '1466127148000',
        grade: '1',
        marketPurchaseData: { in_app: [{ quantity: '1' }] },
        purchaseToken: null,
      },
    ],
    ['Google Play Points', { ...purchase, currency: 'GPP', price: 120, purchaseToken: 'opaque' }],
    ['the SDK’s unknown country', { ...purchase, country: 'zz' }],
    ['a product id with blanks', { ...purchase, marketProductId: ' test gem ' }],
    ['the largest number', { ...purchase, marketPurchaseTime: '9223372036854775807' }],
    ['empty optional members', { ...purchase, marketOrderId: '', grade: '', marketPurchaseData: '', purchaseToken: '' }],
  ])('from %s is recorded', async (_, body) => {
    const sandbox = await aSandbox()
    expect((await call(sandbox, api, body)).status).toBe(200)
    expect(await sandbox.rows('kakao', 'purchaseLogs')).toHaveLength(1)
  })

  test.each(['currency', 'price', 'os', 'country', 'market', 'marketProductId', 'marketPurchaseTime'])(
    'without %s is refused in the captured words',
    async (name) => {
      const sandbox = await aSandbox()
      for (const value of [undefined, null, '']) {
        const { status, body } = await call(sandbox, api, { ...purchase, [name]: value })
        expect([status, body]).toEqual([400, { desc: `Invalid request parameter : ${name} is empty` }])
      }
      expect(await sandbox.rows('kakao', 'purchaseLogs')).toEqual([])
    },
  )

  test('with several faults is refused for the first mandatory one in the table', async () => {
    const sandbox = await aSandbox()
    expect((await call(sandbox, api, { grade: [], price: true })).body).toEqual({ desc: 'Invalid request parameter : currency is empty' })
    expect((await call(sandbox, api, { ...purchase, grade: [], currency: 1, os: undefined })).body).toEqual({
      desc: 'Invalid request parameter : os is empty',
    })
    expect((await call(sandbox, api, { ...purchase, grade: [], price: true })).body).toEqual({
      desc: 'Invalid request parameter : price is invalid',
    })
  })

  test.each<[string, unknown]>([
    ...['currency', 'os', 'country', 'market', 'marketProductId', 'marketOrderId', 'purchaseToken'].flatMap((name) =>
      [1, true, [], {}].map((value): [string, unknown] => [name, value]),
    ),
    ...['marketPurchaseTime', 'grade', 'playerLv', 'purchasePt', 'purchaseCount'].flatMap((name) =>
      [true, [], {}, 'ten', '1.5', ' 1', '9223372036854775808', '0x10'].map((value): [string, unknown] => [name, value]),
    ),
    ...[true, [], {}, 'free', '1,5', ' 1', '1 2', '0x1', 'NaN'].map((value): [string, unknown] => ['price', value]),
    ...['token', 1, false, []].map((value): [string, unknown] => ['marketPurchaseData', value]),
  ])('whose %s is %j is refused and not recorded', async (name, value) => {
    const sandbox = await aSandbox()
    const { status, body } = await call(sandbox, api, { ...purchase, [name]: value })
    expect([status, body]).toEqual([400, { desc: `Invalid request parameter : ${name} is invalid` }])
    expect(await sandbox.rows('kakao', 'purchaseLogs')).toEqual([])
    expect((await told(sandbox)).explanation).toContain(name)
  })

  test.each<[unknown, string]>([
    [5, 'currency is 5; send a string.'],
    [{}, 'currency is {}; send a string.'],
    [undefined, 'currency is absent; send a string.'],
    [null, 'currency is null; send a string.'],
    ['', 'currency is empty; send a string that is not empty.'],
  ])('whose currency is %j is explained', async (currency, sentence) => {
    const sandbox = await aSandbox()
    await call(sandbox, api, { ...purchase, currency })
    expect((await told(sandbox)).explanation).toBe(sentence)
  })

  test('with a number beyond 64 bits is refused, by one and by far', async () => {
    const sandbox = await aSandbox()
    for (const literal of ['9223372036854775808', '-9223372036854775809', '1e400', '1e99999999999']) {
      expect((await call(sandbox, api, JSON.stringify(purchase).replace('12312312333', literal))).status).toBe(400)
    }
    for (const literal of ['9223372036854775807', '-9223372036854775808', '1e3', '1e-400']) {
      expect((await call(sandbox, api, JSON.stringify(purchase).replace('12312312333', literal))).status).toBe(200)
    }
  })

  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['no JSON', '{"currency":'],
    ['an array', '[]'],
    ['null', 'null'],
    ['a text', '"currency"'],
    ['malformed UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
    ['a nest of thousands', `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ])('whose body is %s is refused', async (_, body) => {
    const sandbox = await aSandbox()
    const reply = await sandbox.ask(purchasePath, ask(body))
    expect(reply.status).toBe(400)
    expect(Object.keys((await reply.json()) as object)).toEqual(['desc'])
    expect((await told(sandbox)).outcome).toBe('unreadable')
  })

  test.each(['application/json', 'Application/JSON; charset=utf-8', 'application/json;charset=UTF-8', 'application/vnd.kakao+json'])(
    'is taken as %s',
    async (type) => {
      const sandbox = await aSandbox()
      expect((await call(sandbox, api, purchase, { 'Content-Type': type })).status).toBe(200)
    },
  )

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'text/json', ''])('is refused as "%s"', async (type) => {
    const sandbox = await aSandbox()
    expect((await call(sandbox, api, purchase, { 'Content-Type': type })).status).toBe(400)
    expect((await told(sandbox)).outcome).toBe('unreadable')
  })

  test('of an unknown player is recorded, and refused by a strict app', async () => {
    const lenient = await aSandbox()
    expect((await call(lenient, api, purchase, { playerId: 'stranger' })).status).toBe(200)

    const strict = await aSandbox({ seedDocument: seedWith({ strict: true }) })
    const { status, body } = await call(strict, api, purchase, { playerId: 'stranger' })
    expect([status, body]).toEqual([406, { desc: 'There is no player. (406.-10005)' }])
    expect((await told(strict)).outcome).toBe('unknown-player')
    expect(await strict.rows('kakao', 'purchaseLogs')).toEqual([])
    expect((await call(strict, api, purchase)).status).toBe(200)
  })

  test('may hold members named like JavaScript’s own', async () => {
    const sandbox = await aSandbox()
    const text = JSON.stringify(purchase).replace('{', '{"__proto__":{"polluted":1},"constructor":1,"\\ud800":"\\udfff",')
    expect((await call(sandbox, api, text)).status).toBe(200)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
