import { expect, test } from 'vitest'
import { aShop, orders, signedOrder, type Shop } from './uploads.js'

// The vendor's own example of patterns, cut to two plans.
const entitlements = {
  premium: { monthly: ['^premium.\\w+.1month.v\\d+$', '^premium_monthly$'], yearly: ['^premium.\\w+.12month.v\\d+$'] },
  pro: { monthly: ['^pro_monthly$'], any: ['pro'] },
}

async function aShopWith(patterns: object): Promise<Shop> {
  const shop = await aShop()
  const [family] = await shop.rows('mbaasy', 'appFamilies')
  await shop.control('POST', 'seed', { mbaasy: { appFamilies: [{ ...family, entitlements: patterns }] } })
  return shop
}

const entitlementsFor = async (shop: Shop, productId: string) =>
  (await shop.upload(signedOrder({ productId }))).body.in_app_purchase.entitlements

test.each([
  ['premium.ios.1month.v2', ['premium/monthly']],
  ['premium.android.12month.v5', ['premium/yearly']],
  ['premium_monthly', ['premium/monthly']],
  ['pro_monthly', ['pro/monthly', 'pro/any']],
  ['my_products', ['pro/any']],
  ['premium.ios.1month', []],
  ['gems.10', []],
])('product %s gives %j', async (productId, told) => {
  expect(await entitlementsFor(await aShopWith(entitlements), productId)).toEqual(told)
})

test('a product keeps the entitlements it had when it was first seen', async () => {
  const shop = await aShopWith(entitlements)
  await entitlementsFor(shop, 'pro_monthly')
  const [family] = await shop.rows('mbaasy', 'appFamilies')

  await shop.control('POST', 'seed', { mbaasy: { appFamilies: [{ ...family, entitlements: { other: { all: ['.'] } } }] } })

  expect(await entitlementsFor(shop, 'pro_monthly')).toEqual(['pro/monthly', 'pro/any'])
  expect(await entitlementsFor(shop, 'gems.10')).toEqual(['other/all'])
})

test.each(['(a+)+$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*a){20}$'])('pattern %s cannot hold up a shop', async (pattern) => {
  const shop = await aShopWith({ slow: { all: [pattern] }, quick: { all: ['!$'] } })

  const { status, body } = await shop.upload(
    { package_name: 'com.example.game', purchase_token: 't', product_id: `${'a'.repeat(200)}!` },
    `${orders}/legacy`,
  )

  expect(status).toBe(200)
  expect(body.in_app_purchase.entitlements).toContain('quick/all')
})

test('an endless product id is matched with nothing', async () => {
  const shop = await aShopWith({ all: { all: ['a'] } })

  expect(await entitlementsFor(shop, 'a'.repeat(10_000))).toEqual([])
})
