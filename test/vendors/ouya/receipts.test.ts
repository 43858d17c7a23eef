import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { aStore, buy, developerId, get, only, receipts, refusalOf, type OuyaSeed } from './console.js'

const otherKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
const list = '/api/v1/games/tv.ouya.sample/purchases'

test('nothing bought is an empty list, sealed all the same, with the recorded length', async () => {
  const store = await aStore()

  const reply = await get(store, list)

  expect(reply.status).toBe(200)
  const { blob } = (await reply.clone().json()) as { blob: string }
  expect(Buffer.from(blob, 'base64')).toHaveLength(288)
  expect(await receipts(store)).toEqual([])
})

test('entitlements and subscriptions are listed with every field, the newest first, consumables never', async () => {
  const store = await aStore()
  await buy(store, { identifier: 'sharp_axe', uuid: '1' })
  await buy(store, { identifier: 'awesome_sauce', uuid: '2' })
  await store.control('POST', 'seed', {
    ouya: {
      purchases: [
        {
          username: 'player',
          uuid: '0',
          identifier: 'cool_level',
          package: 'tv.ouya.sample',
          type: 'entitlement',
          priceInCents: 299,
          purchasedAt: '2025-06-01T00:00:00Z',
        },
      ],
    },
  })

  expect(await receipts(store)).toEqual([
    {
      purchaseDate: Date.parse('2026-01-01T00:00:00Z'),
      generateDate: Date.parse('2026-01-01T00:00:00Z'),
      identifier: 'sharp_axe',
      gamer: '5e6d52bb-eae2-8c18-a263-483ec614df2c',
      uuid: '1',
      priceInCents: 199,
      localPrice: 1.99,
      currency: 'USD',
    },
    {
      purchaseDate: Date.parse('2025-06-01T00:00:00Z'),
      generateDate: Date.parse('2026-01-01T00:00:00Z'),
      identifier: 'cool_level',
      gamer: '5e6d52bb-eae2-8c18-a263-483ec614df2c',
      uuid: '0',
      priceInCents: 299,
      localPrice: 2.99,
      currency: 'USD',
    },
  ])
})

test('a seeded row with its four fields is a receipt too, priced as the product is', async () => {
  const store = await aStore((seed) => {
    seed.purchases = [
      { username: 'player', uuid: '1', identifier: 'sharp_axe', package: 'tv.ouya.sample' },
      { username: 'player', uuid: '2', identifier: 'awesome_sauce', package: 'tv.ouya.sample' },
      { username: 'another', uuid: '3', identifier: 'sharp_axe', package: 'tv.ouya.sample' },
    ]
  })

  expect(await receipts(store)).toMatchObject([{ identifier: 'sharp_axe', uuid: '1', priceInCents: 199, purchaseDate: 0 }])
})

test('what was bought in another game is listed only where the product is cross-game and of the same developer', async () => {
  const bought = { username: 'player', package: 'tv.ouya.second' }
  const store = await aStore((seed: OuyaSeed) => {
    only(seed.products, { crossGame: true })
    seed.developers.push({ developerId: 'other', name: 'Other' })
    seed.games.push({ package: 'tv.ouya.second', developerId, applicationPrivateKey: otherKey })
    seed.games.push({ package: 'tv.other', developerId: 'other', applicationPrivateKey: otherKey })
    seed.purchases = [
      { ...bought, uuid: '1', identifier: 'long_sword' },
      { ...bought, uuid: '2', identifier: 'sharp_axe' },
      { ...bought, uuid: '3', identifier: 'long_sword', package: 'tv.other' },
      { ...bought, uuid: '4', identifier: 'long_sword', package: 'tv.gone' },
    ]
  })

  expect((await receipts(store)).map((receipt) => receipt['uuid'])).toEqual(['1'])
})

test('an entitlement bought in one game of a developer is owned in all of them', async () => {
  const store = await aStore((seed) => {
    seed.games.push({ package: 'tv.ouya.second', developerId, applicationPrivateKey: otherKey })
    seed.purchases = [{ username: 'player', uuid: '1', identifier: 'sharp_axe', package: 'tv.ouya.second' }]
  })

  expect(await refusalOf(await buy(store, { identifier: 'sharp_axe', uuid: '2' }))).toEqual({ status: 400, code: 2023 })
})

test('the same identifier of another developer is another product', async () => {
  const store = await aStore((seed) => {
    seed.games.push({ package: 'tv.other', developerId: 'other', applicationPrivateKey: otherKey })
    seed.purchases = [{ username: 'player', uuid: '1', identifier: 'sharp_axe', package: 'tv.other' }]
  })

  expect((await buy(store, { identifier: 'sharp_axe', uuid: '2' })).status).toBe(200)
})

test('a revoked entitlement is gone from the list and can be bought again', async () => {
  const store = await aStore((seed) => {
    seed.purchases = [
      { username: 'player', uuid: '1', identifier: 'sharp_axe', package: 'tv.ouya.sample', endedAt: '2025-12-01T00:00:00Z' },
    ]
  })

  expect(await receipts(store)).toEqual([])
  expect((await buy(store, { identifier: 'sharp_axe', uuid: '2' })).status).toBe(200)
})

test('the list is refused without a token, for an unknown package and without a key to seal it with', async () => {
  const store = await aStore((seed) => only(seed.gamers, { key: undefined }))

  expect(await refusalOf(await get(store, list, {}))).toEqual({ status: 401, code: 1000 })
  expect(await refusalOf(await get(store, '/api/v1/games/no.such/purchases'))).toEqual({ status: 404, code: 2005 })
  expect(await refusalOf(await get(store, list))).toEqual({ status: 400, code: 9000 })
})

test('a gamer set to plain mode gets plain lists, except of games that refuse it', async () => {
  const store = await aStore((seed) => {
    only(seed.gamers, { plain: true, key: undefined, privateKey: undefined })
    seed.games.push({ package: 'tv.ouya.sealed', developerId, applicationPrivateKey: otherKey, plain: false })
  })

  expect(await receipts(store)).toEqual([])
  expect(await refusalOf(await get(store, '/api/v1/games/tv.ouya.sealed/purchases'))).toEqual({ status: 400, code: 9000 })
})
