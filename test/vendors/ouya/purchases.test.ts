import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { TestSandbox } from '../../support/sandbox.js'
import {
  aStore,
  buy,
  developerId,
  example,
  formType,
  only,
  opened,
  receipts,
  refusalOf,
  seal,
  send,
  token,
  type OuyaSeed,
} from './console.js'

const path = '/api/v1/games/tv.ouya.sample/purchases'

test('the worked example of the specification buys the axe', async () => {
  const store = await aStore()

  const reply = await store.ask(`/ouya${path}`, { method: 'POST', headers: formType, body: example['request_form_body']! })

  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(await opened(reply)).toEqual({
    identifier: 'sharp_axe',
    name: 'Sharp Axe',
    priceInCents: 199,
    uuid: '5ab3019cc2e4d7f0',
    type: 'entitlement',
    description: 'Cuts deeper',
    localPrice: 1.99,
    originalPrice: 1.99,
    percentOff: 0,
    currency: 'USD',
  })
  expect(await store.rows('ouya', 'purchases')).toMatchObject([
    { username: 'player', uuid: '5ab3019cc2e4d7f0', identifier: 'sharp_axe', package: 'tv.ouya.sample', recordedBy: 'r-1' },
  ])
})

test('answers are Base64 in lines of 60 characters, each with its line end', async () => {
  const reply = (await (await buy(await aStore(), { identifier: 'sharp_axe', uuid: '1' })).json()) as Record<string, string>

  expect(Object.keys(reply)).toEqual(['blob', 'iv', 'key'])
  for (const text of Object.values(reply)) expect(text).toMatch(/^([A-Za-z0-9+/=]{60}\n)*[A-Za-z0-9+/=]{1,60}\n$/)
})

test('the recorded request of a console with the plain-purchases patch is understood as it stands', async () => {
  const store = await aStore((seed) => {
    only(seed.gamers, { token: '00702342-0000-1111-2222-c3e1500cafe1', key: undefined, privateKey: undefined })
    seed.products.push({ developerId, identifier: 'gob_full_game_unlock', name: 'Full game', type: 'entitlement', priceInCents: 499 })
  })
  const body =
    'blob=eyAia2V5IiA6ICJHcnl0dnRSYjY5TDh6L3pIT3RTdGFnPT0iLCAiaXYiIDogIjZzMDd3OGo3VFNleVhQdzBsMXdvRUE9PSIsICJibG9iIiA6ICJleUpwWkdWdWRHbG1hV1Z5SWpvaVoyOWlYMloxYkd4ZloyRnRaVjkxYm14dlkyc2lMQ0owWlhOMGFXNW5Jam9pZEhKMVpTSXNJblYxYVdRaU9pSTNOak0xTjJFME9XRm1NVFk0WWpJNUluMD0iIH0%3D&iv=QHpnmyEf7BGZhTnK37NggQ%3D%3D&key=bdR0jZ22clKqJwOsyYdn8w%3D%3D&auth_token=00702342-0000-1111-2222-c3e1500cafe1'

  const reply = await store.ask(`/ouya${path}`, { method: 'POST', headers: formType, body })

  const [row] = await store.rows('ouya', 'purchases')
  const { error } = reply.ok ? { error: undefined } : ((await reply.json()) as { error: unknown })
  expect({ status: reply.status, error, row }).toMatchObject({ status: 200, row: { uuid: '76357a49af168b29' } })
})

test('an uuid buys once, and the refusal of the second attempt names the first request', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'awesome_sauce', uuid: 'order-1' })

  const again = await buy(store, { identifier: 'long_sword', uuid: 'order-1' })

  expect(await refusalOf(again)).toEqual({ status: 400, code: 2015 })
  expect(await store.rows('ouya', 'purchases')).toHaveLength(1)
  expect((await lastEntry(store)).explanation).toContain('in request r-1')
})

test('twenty attempts with one uuid at a time buy once and pay once', async () => {
  const store = await aStore((seed) => only(seed.gamers, { balance: 1000 }))
  const fields = { ...seal({ identifier: 'awesome_sauce', uuid: 'order-1' }), auth_token: token }

  const replies = await Promise.all(Array.from({ length: 20 }, () => send(store, 'POST', path, fields)))

  expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1)
  expect(await store.rows('ouya', 'purchases')).toHaveLength(1)
  expect(await store.rows('ouya', 'gamers')).toMatchObject([{ balance: 901 }])
})

test('another gamer may use the same uuid', async () => {
  const store = await aStore((seed) => seed.gamers.push({ ...seed.gamers[0]!, username: 'ann', uuid: 'a', token: 'ann-token' }))
  await buy(store, { identifier: 'awesome_sauce', uuid: 'order-1' })

  const reply = await buy(store, { identifier: 'awesome_sauce', uuid: 'order-1' }, { token: 'ann-token' })

  expect(reply.status).toBe(200)
})

test('an entitlement is bought once, a consumable as often as one likes', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'sharp_axe', uuid: '1' })
  await buy(store, { identifier: 'awesome_sauce', uuid: '2' })

  const axe = await buy(store, { identifier: 'sharp_axe', uuid: '3' })
  const sauce = await buy(store, { identifier: 'awesome_sauce', uuid: '4' })

  expect(await refusalOf(axe)).toEqual({ status: 400, code: 2023 })
  expect(sauce.status).toBe(200)
})

describe('paying', () => {
  const cases: [name: string, change: (seed: OuyaSeed) => void, row: Record<string, unknown>, balance: number][] = [
    ['takes the wallet when it holds enough', (seed) => only(seed.gamers, { balance: 600 }), { paidWith: 'wallet', fromWallet: 499 }, 101],
    ['takes the card when the wallet is empty', () => {}, { paidWith: 'card', fromWallet: 0 }, 0],
    [
      'takes the wallet and the card for what it lacks',
      (seed) => only(seed.gamers, { balance: 100 }),
      { paidWith: 'wallet-and-card', fromWallet: 100 },
      0,
    ],
    [
      'costs the owner of the game nothing',
      (seed) => {
        only(seed.developers, { owner: 'player' })
        only(seed.gamers, { balance: 600 })
      },
      { paidWith: 'nothing' },
      600,
    ],
    [
      'is skipped where the product says accept',
      (seed) => {
        only(seed.products, { payment: 'accept' })
        only(seed.gamers, { creditCard: undefined })
      },
      { paidWith: 'nothing' },
      0,
    ],
    [
      'is skipped for what costs nothing',
      (seed) => {
        only(seed.products, { priceInCents: 0 })
        only(seed.gamers, { creditCard: undefined })
      },
      { paidWith: 'nothing' },
      0,
    ],
  ]
  test.each(cases)('%s', async (_, change, row, balance) => {
    const store = await aStore(change)

    const reply = await buy(store, { identifier: 'long_sword', uuid: '1' })

    expect(reply.status).toBe(200)
    expect(await store.rows('ouya', 'purchases')).toMatchObject([row])
    expect(await store.rows('ouya', 'gamers')).toMatchObject([{ balance }])
  })
})

test('a plain request is answered in kind, and the receipts after it as well', async () => {
  const store = await aStore((seed) => only(seed.gamers, { key: undefined, privateKey: undefined }))

  const reply = await buy(store, { identifier: 'sharp_axe', uuid: '1' }, { plain: true })
  const outer = (await reply.clone().json()) as Record<string, string>

  expect(Buffer.from(outer['key']!, 'base64')).toHaveLength(16)
  expect(Buffer.from(outer['iv']!, 'base64')).toHaveLength(16)
  expect(await opened(reply)).toMatchObject({ identifier: 'sharp_axe', uuid: '1' })
  expect(await receipts(store)).toMatchObject([{ identifier: 'sharp_axe', uuid: '1' }])
})

test('the uuid comes back as it was sent, whatever text it is', async () => {
  const store = await aStore()
  const uuids = ['ünïcode 😀', '\ud800 lone', '__proto__', '"quoted"', 'a:b/c%2F']

  for (const uuid of uuids) expect(await opened(await buy(store, { identifier: 'awesome_sauce', uuid }))).toMatchObject({ uuid })

  expect((await store.rows('ouya', 'purchases')).map((row) => row['uuid'])).toEqual(uuids)
})

test('other members of the payload are ignored, their names whatever they are', async () => {
  const store = await aStore()
  const text = '{"identifier":"sharp_axe","uuid":"1","testing":"true","devId":"x","refused":"new-keys-please","__proto__":{"uuid":"2"}}'

  const reply = await send(store, 'POST', path, { ...seal({}, { text }), auth_token: token })

  expect(reply.status).toBe(200)
  expect(await opened(reply)).toMatchObject({ uuid: '1' })
})

test('Base64 with line breaks and a layer spelled differently are read', async () => {
  const store = await aStore()
  const { key, iv, blob } = seal({ identifier: 'sharp_axe', uuid: '1' })
  const wrapped = { key: key!.replace(/.{60}/g, '$&\n'), iv: `${iv}\n`, blob: blob!.replace(/.{60}/g, '$&\r\n') }

  const reply = await send(store, 'POST', path, { ...wrapped, auth_token: token })

  expect(reply.status).toBe(200)
})

test('the token is read from either header, the query or the form, and differences are warned of', async () => {
  const store = await aStore()
  const fields = () => seal({ identifier: 'awesome_sauce', uuid: randomBytes(8).toString('hex') })

  const replies = await Promise.all([
    send(store, 'POST', path, fields(), { 'X-OUYA-AuthToken': token }),
    send(store, 'POST', path, fields(), { 'X-Token': token }),
    send(store, 'POST', `${path}?auth_token=${token}`, fields()),
    send(store, 'POST', path, { ...fields(), auth_token: token }),
  ])
  expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200, 200])

  await send(store, 'POST', `${path}?auth_token=other`, fields(), { 'X-Token': token })
  expect((await lastEntry(store)).warnings).toEqual(['The token in header X-Token counts; query auth_token had a different one.'])
})

test('two tokens in one query or one form are warned of, unless they are the same', async () => {
  const store = await aStore()
  const warningsOf = async (query: string, fields: string) => {
    await store.ask(`/ouya${path}${query}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: fields,
    })
    return (await lastEntry(store)).warnings
  }

  expect(await warningsOf(`?auth_token=${token}&auth_token=other`, '')).toEqual([
    'The token in query auth_token counts; another query auth_token had a different one.',
  ])
  expect(await warningsOf('', `auth_token=other&auth_token=${token}`)).toEqual([
    'The token in form auth_token counts; another form auth_token had a different one.',
  ])
  expect(await warningsOf(`?auth_token=${token}&auth_token=${token}`, `auth_token=${token}&auth_token=`)).toEqual([])
  expect(await warningsOf('?auth_token=&auth_token=other', '')).toEqual([])
})

async function lastEntry(store: TestSandbox): Promise<{ explanation: string; warnings: readonly string[] }> {
  const { traffic } = await store.context.workspaces.open('default')
  await traffic.catchUp()
  const entries = [...traffic.kept()]
  return entries.at(-1)!
}
