import { createDecipheriv, createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { encryptPayload } from '../../../src/vendors/gameofwhales/payload-cipher.js'
import { aSandbox } from '../../support/sandbox.js'
import { call, envelope, explanations, seed } from './calls.js'

const user = '3A15982E-C4CB-0000-0000-D88861BA0C49'

/** As a game server checks what it got, written from the vendor's description. */
function decrypt(hex: string, password: string): Record<string, unknown> {
  const blocks: Buffer[] = []
  for (let last = Buffer.alloc(0); blocks.length < 3; blocks.push(last)) {
    last = createHash('md5').update(last).update(password).digest()
  }
  const derived = Buffer.concat(blocks)
  const decipher = createDecipheriv('aes-256-ctr', derived.subarray(0, 32), derived.subarray(32))
  return JSON.parse(decipher.update(hex, 'hex', 'utf8') + decipher.final('utf8')) as Record<string, unknown>
}

test('the worked signature comes out byte for byte', () => {
  const payload = '{"btnColor": "grean", "btnSize": "big"}'
  const signed = { id: '5d2effe09236b00e38e34c3b', key: 'exp_cr', groupKey: 'B', payload, user, now: 1545381287159 }
  expect(encryptPayload(signed, 'sandbox-payload-key')).toBe(
    '70f68b3603b0ef959b90b9b53b78e2c8ff172752e0bd7085fd65a25bfc6cfdaadcc065f31e3b540a86121e4547528c26ad711b7e20eb9543c8c87f13122bcee3' +
      '3330a40b8e48dbee9e5620810d29dc9a09d005dfa7a5c63e92231f058b5b80e18ccc0b554e5a556544b0915eca78ba88c73630bde3f4824fb3a061c7620dfe9a' +
      'a689fa088ec376d224e53fdcc0dd26ddfb1653beab9d315f3e192a3ef43f61390fa19a86f1972af5d16ddc518067fa4fbd803a55f4be9f322af457d329',
  )
})

test('an experiment’s signature opens to the open fields, the user and the moment of the answer', async () => {
  const sandbox = await aSandbox()
  const { status, body } = await call(sandbox, 'experiment', envelope(undefined, { user }))
  expect(status).toBe(200)
  const { signature, ...open } = body.experiment!
  expect(open).toEqual({
    id: '5d2effe09236b00e38e34c3b',
    key: 'exp_cr',
    groupKey: 'B',
    payload: '{"btnColor": "grean", "btnSize": "big"}',
  })
  const opened = decrypt(signature!, 'sandbox-payload-key')
  expect(opened).toEqual({ ...open, user, now: body.serverTime })
  expect(Object.keys(opened)).toEqual(['id', 'key', 'groupKey', 'payload', 'user', 'now'])
})

const everyone = { game: 'sandbox-game', id: 'exp-all', key: 'all', groupKey: 'A' }

test('an experiment without users is for everyone, and one without a payload has none', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { experiments: [everyone] })
  const { body } = await call(sandbox, 'login', envelope())
  expect(body.experiment).toEqual({ id: 'exp-all', key: 'all', groupKey: 'A', signature: expect.any(String) })
  expect(decrypt(body.experiment!['signature']!, 'sandbox-payload-key')).not.toHaveProperty('payload')
})

test('the experiment of another user is not in the reply', async () => {
  const sandbox = await aSandbox()
  expect((await call(sandbox, 'login', envelope())).body).not.toHaveProperty('experiment')
})

test('the experiment that a game confirms stays the user’s, until it ends', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { experiments: [everyone] })
  const idOf = async (expId?: string) => {
    const common = { ...envelope().common, ...(expId !== undefined && { expId }) }
    return (await call(sandbox, 'login', envelope(undefined, { user, common }))).body.experiment?.['id']
  }
  expect(await idOf()).toBe('5d2effe09236b00e38e34c3b')
  expect(await idOf('exp-all')).toBe('exp-all')
  expect(await idOf()).toBe('exp-all')
  await sandbox.control('DELETE', 'tables/gameofwhales/experiments/sandbox-game:exp-all')
  expect(await idOf()).toBe('5d2effe09236b00e38e34c3b')
})

test('an expId of no experiment is taken with a warning', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const { status } = await call(sandbox, 'login', envelope(undefined, { common: { ...envelope().common, expId: 'stray' } }))
  expect(status).toBe(200)
  expect(told[0]?.warnings).toEqual([expect.stringContaining('stray')])
})

test('a game without payload key signs with an empty one, with a warning', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  await seed(sandbox, { games: [{ game: 'keyless' }], experiments: [{ ...everyone, game: 'keyless' }] })
  const { body } = await call(sandbox, 'login', envelope(undefined, { game: 'keyless' }))
  expect(decrypt(body.experiment!['signature']!, '')).toMatchObject({ id: 'exp-all', user: 'ann' })
  expect(told.at(-1)?.warnings).toEqual([expect.stringContaining('payloadKey')])
})

const now = Date.UTC(2026, 0, 1)
const offer = {
  game: 'sandbox-game',
  user,
  product: 'item_01',
  camp: 'camp42',
  custom: { str: 'abc', num: 123, flag: true },
  priceFactor: 2,
  countFactor: 1,
  finishedAt: now + 60_000,
  redeemable: true,
  activatedAt: now - 60_000,
}

test('offers are keyed by product, with a payload that opens to their terms', async () => {
  const sandbox = await aSandbox()
  await seed(
    sandbox,
    { offers: [offer, { ...offer, product: 'item_02', future: true }] },
    { clock: { now: new Date(now).toISOString(), frozen: true } },
  )
  const { status, body } = await call(sandbox, 'offers', envelope(undefined, { user }))
  expect(status).toBe(200)
  expect(Object.keys(body.offers!)).toEqual(['item_01'])
  const { game: _game, user: _user, product, ...terms } = offer
  const { payload, ...open } = body.offers!['item_01']!
  expect(open).toEqual({ ...terms, rest: 60_000 })
  const opened = decrypt(String(payload), 'sandbox-payload-key')
  expect(opened).toEqual({ ...terms, product, user, now })
  expect(Object.keys(opened)).toEqual([
    'camp',
    'custom',
    'product',
    'priceFactor',
    'countFactor',
    'finishedAt',
    'redeemable',
    'activatedAt',
    'user',
    'now',
  ])
})

test('future offers are listed by themselves', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { offers: [offer, { ...offer, product: 'item_02', future: true }] })
  const { body } = await call(sandbox, 'futureOffers', envelope(undefined, { user }))
  expect(Object.keys(body.futureOffers!)).toEqual(['item_02'])
  expect(body).not.toHaveProperty('offers')
})

test('an offer that names only its product gets plain terms', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { offers: [{ game: 'sandbox-game', user, product: '__proto__' }] })
  const { body } = await call(sandbox, 'offers', envelope(undefined, { user }))
  expect(Object.entries(body.offers!)).toEqual([
    [
      '__proto__',
      { camp: expect.stringMatching(/^[0-9a-f]{24}$/), countFactor: 1, priceFactor: 1, redeemable: true, payload: expect.any(String) },
    ],
  ])
})
