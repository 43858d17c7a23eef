import { expect, test } from 'vitest'
import { countryCodes } from '../../../src/vendors/gameofwhales/codes.js'
import { platforms, stores } from '../../../src/vendors/gameofwhales/wire.js'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'
import { call, envelope, explanations, receiptBody, type Answer } from './calls.js'

const good = receiptBody('', 'T-1')
const recorded = ['users', 'purchases', 'events']

async function rowsOf(sandbox: TestSandbox) {
  return Promise.all(recorded.map((table) => sandbox.rows('gameofwhales', table)))
}

async function send(sandbox: TestSandbox, body: string | Uint8Array<ArrayBuffer>, contentType?: string): Promise<Answer> {
  const headers: Record<string, string> = contentType === undefined ? {} : { 'Content-Type': contentType }
  const reply = await sandbox.ask('/gameofwhales/receipt', { method: 'POST', headers, body })
  return { status: reply.status, version: reply.headers.get('api-version'), body: (await reply.json()) as Answer['body'] }
}

/** The good body with one member, named by its path, replaced or (undefined) left out. */
function but(path: string, value: unknown): unknown {
  const copy = structuredClone(good) as unknown as Record<string, Record<string, unknown>>
  const [first, second] = path.split('.') as [string, string | undefined]
  if (second === undefined) copy[first] = value as Record<string, unknown>
  else copy[first]![second] = value
  return copy
}

test.each([
  ['game', undefined, 'required'],
  ['game', 7, 'type'],
  ['game', null, 'type'],
  ['user', undefined, 'required'],
  ['user', '', 'minLength'],
  ['user', ['ann'], 'type'],
  ['common', undefined, 'required'],
  ['common', 'DE', 'type'],
  ['common', [], 'type'],
  ['event', undefined, 'required'],
  ['event', null, 'type'],
  ['event', [], 'type'],
  ['common.country', undefined, 'required'],
  ['common.country', 49, 'type'],
  ['common.country', null, 'type'],
  ['common.country', 'de', 'enum'],
  ['common.country', 'XK', 'enum'],
  ['common.country', 'DEU', 'enum'],
  ['common.country', '', 'enum'],
  ['common.country', '__proto__', 'enum'],
  ['common.ip', '', 'minLength'],
  ['common.ip', 7, 'type'],
  ['common.locale', undefined, 'required'],
  ['common.locale', '', 'minLength'],
  ['common.platform', undefined, 'required'],
  ['common.platform', 'wii', 'enum'],
  ['common.platform', 'Android', 'enum'],
  ['common.store', undefined, 'required'],
  ['common.store', 'AmazonApps', 'enum'],
  ['common.version', undefined, 'required'],
  ['common.version', 1, 'type'],
  ['common.expId', 7, 'type'],
  ['event.currency', undefined, 'required'],
  ['event.currency', '', 'minLength'],
  ['event.currency', 978, 'type'],
  ['event.price', undefined, 'required'],
  ['event.price', '199', 'type'],
  ['event.price', 0, 'minimum'],
  ['event.price', 0.009, 'minimum'],
  ['event.price', -1, 'minimum'],
  ['event.receipt', undefined, 'required'],
  ['event.receipt', { Store: 'GooglePlay' }, 'type'],
  ['event.transactionId', undefined, 'required'],
  ['event.transactionId', '', 'minLength'],
  ['event.transactionId', 1000000357435566, 'type'],
  ['event.at', '2019-09-03', 'type'],
])('%s as %j is one problem that names the field: %s', async (path, value, keyword) => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const before = await rowsOf(sandbox)
  const { status, body, version } = await call(sandbox, 'receipt', but(path, value))
  expect(status).toBe(400)
  expect(body).toEqual({
    code: 'BadRequest',
    message: 'Request validation failed',
    problems: [{ dataPath: `.${path}`, keyword, message: expect.any(String) }],
  })
  expect(version).toBe('2.2.0')
  expect(told).toMatchObject([{ outcome: 'invalid', sentence: expect.stringMatching(/^[a-z]/i) }])
  expect(told[0]!.sentence).toContain(`${path} is `)
  expect(await rowsOf(sandbox)).toEqual(before)
})

test('a price that JSON cannot hold is no number', async () => {
  const sandbox = await aSandbox()
  const { status, body } = await send(sandbox, JSON.stringify(good).replace('199', '1e999'), 'application/json')
  expect(status).toBe(400)
  expect(body.problems).toMatchObject([{ dataPath: '.event.price', keyword: 'type' }])
})

test('the least price has the message of the vendor’s validator', async () => {
  const sandbox = await aSandbox()
  const { body } = await call(sandbox, 'receipt', but('event.price', 0))
  expect(body.problems).toEqual([{ dataPath: '.event.price', keyword: 'minimum', message: 'should be >= 0.01' }])
})

test('each fault has a problem of its own', async () => {
  const sandbox = await aSandbox()
  const { status, body } = await call(sandbox, 'receipt', { game: 7, common: { platform: 'wii' }, event: { price: 0 } })
  expect(status).toBe(400)
  expect(body.problems?.map(({ dataPath }) => dataPath).toSorted()).toEqual([
    '.common.country',
    '.common.locale',
    '.common.platform',
    '.common.store',
    '.common.version',
    '.event.currency',
    '.event.price',
    '.event.receipt',
    '.event.transactionId',
    '.game',
    '.user',
  ])
})

test.each([
  ['empty', '', 'application/json'],
  ['of another media type', JSON.stringify(good), 'text/plain'],
  ['a form', 'game=sandbox-game', 'application/x-www-form-urlencoded'],
  ['of no media type', new TextEncoder().encode(JSON.stringify(good)), undefined],
])('a body that is %s has no fields', async (_name, body, contentType) => {
  const sandbox = await aSandbox()
  const answer = await send(sandbox, body, contentType)
  expect(answer.status).toBe(400)
  expect(answer.body.code).toBe('BadRequest')
  expect(answer.body.problems?.map(({ dataPath }) => dataPath)).toEqual(['.game', '.user', '.common', '.event'])
})

test.each(['[]', 'null', '42', '"text"', 'true'])('JSON that is no object is one problem of the body itself: %s', async (body) => {
  const sandbox = await aSandbox()
  const answer = await send(sandbox, body, 'application/json')
  expect(answer.status).toBe(400)
  expect(answer.body.problems).toEqual([{ dataPath: '', keyword: 'type', message: 'should be object' }])
})

test.each([
  ['cut off', '{"game":"sandbox-game"'],
  ['malformed UTF-8', new Uint8Array([0x22, 0xc3, 0x28, 0x22])],
  ['too deep', `${'['.repeat(600)}${']'.repeat(600)}`],
  ['white space', ' '],
])('a body that is %s is no JSON, which is said before the version is looked at', async (_name, body) => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask('/gameofwhales/receipt', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Accept-Version': '3.0.0' },
    body,
  })
  expect(reply.status).toBe(400)
  expect(await reply.json()).toEqual({ code: 'InvalidContent', message: expect.stringMatching(/^Invalid JSON: ./) })
})

test.each(['application/json', 'APPLICATION/JSON; charset=utf-8', 'application/vnd.gow+json', 'application/json, application/json'])(
  'JSON is read as %s',
  async (contentType) => {
    const sandbox = await aSandbox()
    expect((await send(sandbox, JSON.stringify(good), contentType)).status).toBe(200)
  },
)

test.each(['unheard-of', '', '__proto__'])('an unknown game key is a failure inside the service: "%s"', async (game) => {
  const sandbox = await aSandbox()
  const before = await rowsOf(sandbox)
  for (const [method, event] of [
    ['receipt', good.event],
    ['login', undefined],
    ['offers', undefined],
  ] as const) {
    const { status, body } = await call(sandbox, method, envelope(event, { game }))
    expect(status).toBe(500)
    expect(body).toEqual({ code: 'InternalServer', message: 'caused by UnprocessableEntityError: Game not found' })
  }
  expect(await rowsOf(sandbox)).toEqual(before)
})

test('an empty game, which a shell makes of the vendor’s own line, has an explanation that says how to fix it', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  expect((await call(sandbox, 'login', envelope(undefined, { game: '' }))).status).toBe(500)
  expect(told.at(-1)?.sentence).toContain('$YOUR_GAME_KEY')
})

test('fields are looked at before the game', async () => {
  const sandbox = await aSandbox()
  expect((await call(sandbox, 'receipt', { ...good, game: 'unheard-of', user: '' })).status).toBe(400)
})

test('every documented platform and store is taken', async () => {
  const sandbox = await aSandbox()
  for (const platform of platforms) expect((await call(sandbox, 'login', but('common.platform', platform))).status).toBe(200)
  for (const store of stores) expect((await call(sandbox, 'login', but('common.store', store))).status).toBe(200)
})

test('the countries are the official 249 and 00', async () => {
  expect(countryCodes.size).toBe(250)
  const sandbox = await aSandbox()
  for (const country of ['00', 'US', 'AX']) expect((await call(sandbox, 'login', but('common.country', country))).status).toBe(200)
})

test.each([undefined, 7, 'nowhere', null])('beside an ip the country %j is ignored', async (country) => {
  const sandbox = await aSandbox()
  const common = { ...envelope().common, country, ip: 'not.an.ip' }
  expect((await call(sandbox, 'login', envelope(undefined, { common }))).status).toBe(200)
})

test('odd locales, versions and further fields are taken', async () => {
  const sandbox = await aSandbox()
  const common = { ...envelope().common, locale: 'US_US', version: '', campaign: { deep: [1] } }
  const event = { ...good.event, camp: 'camp42' }
  expect((await call(sandbox, 'receipt', envelope(event, { common, extra: true }))).status).toBe(200)
})

test('too large a body is refused in restify’s words', async () => {
  const sandbox = await aSandbox({ bodyLimit: 1000 })
  const { status, body } = await send(sandbox, JSON.stringify({ ...good, pad: 'x'.repeat(1000) }), 'application/json')
  expect(status).toBe(413)
  expect(body).toEqual({ code: 'PayloadTooLarge', message: 'Request body size exceeds 1000' })
})

test('names that objects have already are names like others', async () => {
  const sandbox = await aSandbox()
  const text = `{"game":"sandbox-game","user":"__proto__","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},
    "common":{"ip":"1","locale":"l","platform":"ios","store":"VK","version":"","__proto__":{"polluted":1}},
    "event":{"params":{"__proto__":{"polluted":1},"constructor":"c","toString":"t"}}}`
  const reply = await sandbox.ask('/gameofwhales/profile', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: text })
  expect(reply.status).toBe(200)
  expect(((await reply.json()) as Answer['body']).properties).toMatchObject({ user: '__proto__', constructor: 'c', toString: 't' })
  expect({}).not.toHaveProperty('polluted')
})

test('JSON behind a byte order mark is no JSON to restify, and the explanation says what to do', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const text = JSON.stringify(envelope({ product: 'gems', currency: 'USD', price: 99 }))
  const purchase = (body: string | Uint8Array<ArrayBuffer>) =>
    sandbox.ask('/gameofwhales/purchase', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  for (const body of [
    `\ufeff${text}`,
    `\ufeff\ufeff${text}`,
    `${text}\ufeff`,
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    Buffer.from(text, 'utf16le'),
  ]) {
    const reply = await purchase(body)
    expect(reply.status).toBe(400)
    expect(await reply.json()).toEqual({ code: 'InvalidContent', message: expect.stringMatching(/^Invalid JSON: (?!.*\bsend\b)/) })
  }
  expect(told[0]?.sentence).toContain('byte order mark (EF BB BF) before the JSON; send the body without it')
  expect(told[3]?.sentence).toContain('UTF-16; send it as UTF-8')
  expect(told[4]?.sentence).toContain('UTF-16; send the body as UTF-8')
  expect((await purchase(text.replace('gems', 'ge\ufeffms'))).status).toBe(200)
})
