import { describe, expect, test } from 'vitest'
import { aStore, buy, developerId, get, only, refusalOf } from './console.js'

const products = `/api/v1/developers/${developerId}/products/`

async function identifiers(reply: Response): Promise<string[]> {
  const body = (await reply.json()) as { products: { identifier: string }[] }
  return body.products.map((product) => product.identifier)
}

describe('products', () => {
  test('come in the order they were asked for, without those that are unknown', async () => {
    const store = await aStore()

    const reply = await get(store, `${products}?auth_token=x&only=cat_facts%2Cno_such%2Clong_sword%2Csharp_axe`)

    expect(reply.status).toBe(200)
    expect(await identifiers(reply)).toEqual(['cat_facts', 'long_sword', 'sharp_axe'])
  })

  test('are all listed when none is named, with or without the last slash', async () => {
    const store = await aStore()
    const all = ['long_sword', 'sharp_axe', 'cool_level', 'awesome_sauce', 'cat_facts', '__DECLINED__THIS_PURCHASE']

    expect(await identifiers(await get(store, products))).toEqual(all)
    expect(await identifiers(await get(store, products.slice(0, -1)))).toEqual(all)
  })

  test('have the developer, the currency and every price', async () => {
    const store = await aStore((seed) => {
      only(seed.developers, { currency: 'EUR' })
      only(seed.products, { localPrice: 3.75, percentOff: 25 })
    })

    const reply = await get(store, `${products}?only=long_sword`)

    expect(await reply.json()).toEqual({
      developerName: 'OUYA Sample Developer',
      currency: 'EUR',
      products: [
        {
          type: 'entitlement',
          identifier: 'long_sword',
          name: 'Long Sword',
          description: 'Reaches further',
          priceInCents: 499,
          localPrice: 3.75,
          originalPrice: 5,
          percentOff: 25,
        },
      ],
    })
  })

  test('of an unknown developer are refused with 2002', async () => {
    expect(await refusalOf(await get(await aStore(), '/api/v1/developers/unknown/products/'))).toEqual({ status: 404, code: 2002 })
  })
})

describe('premium purchases', () => {
  test('are empty before anything is bought', async () => {
    const reply = await get(await aStore(), '/api/v1/premium_purchases')

    expect([reply.status, await reply.json()]).toEqual([200, { games: [] }])
  })

  test('show an app once something was bought in it, in the recorded fields', async () => {
    const store = await aStore((seed) =>
      only(seed.games, {
        listing: {
          updatedAt: '2015-05-15T17:57:58Z',
          promotedProduct: 'sharp_axe',
          md5sum: 'e1a7',
          ratingCount: 3057,
          ratingAverage: 4.42,
        },
      }),
    )
    await buy(store, { identifier: 'awesome_sauce', uuid: '1' })
    await buy(store, { identifier: 'sharp_axe', uuid: '2' })

    const reply = await get(store, '/api/v1/premium_purchases')

    expect(await reply.json()).toEqual({
      games: [
        {
          package: 'tv.ouya.sample',
          title: 'Sample Game',
          type: 'app',
          url: 'ouya://launcher/details?app=tv.ouya.sample',
          image: '',
          contentRating: 'Everyone',
          genres: [],
          gamerNumbers: [1],
          inAppPurchases: true,
          premium: false,
          updated_at: 1431712678,
          updatedAt: '2015-05-15T17:57:58Z',
          latestVersion: { uuid: '39b479bd-25df-8f7b-8f24-7b396d3b6caf', versionNumber: '1.0', apk: { md5sum: 'e1a7' } },
          rating: { count: 3057, average: 4.42 },
          promotedProduct: {
            type: 'entitlement',
            developerName: 'OUYA Sample Developer',
            identifier: 'sharp_axe',
            name: 'Sharp Axe',
            description: 'Cuts deeper',
            localPrice: 1.99,
            originalPrice: 1.99,
            percentOff: 0,
            currency: 'USD',
          },
        },
      ],
    })
  })
})
