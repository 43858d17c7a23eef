import { countries } from 'countries-list'
import { expect, test } from 'vitest'
import { isCountry } from '../../src/marketplace/countries.js'
import { aFolder } from '../support/folder.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'
import { tables } from '../../src/vendors/mbaasy/tables.js'
import type { z } from 'zod'

const row = { store: 'app_store', token: '1000000000000001', app: 'com.example.game', productId: 'gems.10', type: 'product' }
const key = `app_store:${row.token}`
const wrong: [Record<string, string>, RegExp][] = [
  [{ countryCode: 'USA' }, /countryCode.*must be an ISO 3166-1 alpha-2 code such as US/],
  [{ countryCode: 'us' }, /countryCode.*must be an ISO 3166-1 alpha-2 code such as US/],
  [{ countryCode: 'ZZ' }, /countryCode.*is not the code of a country/],
  [{ currencyCode: 'usd' }, /currencyCode.*must be an ISO 4217 code such as USD/],
  [{ currencyCode: 'EURO' }, /currencyCode.*must be an ISO 4217 code such as USD/],
]

test('every country that can be named in three letters is one of a purchase, and no other', () => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')
  const codes = letters.flatMap((first) => letters.map((second) => first + second))

  expect(codes.filter(isCountry)).toEqual(Object.keys(countries).toSorted())
})

test.each(wrong)('a purchase with %j is refused by a row, a seed, an action and a mint request', async (members, why) => {
  const sandbox = await aSandbox()
  const { store: _store, token: _token, ...sold } = row
  const bodies: [string, string, object][] = [
    ['PUT', `tables/marketplace/purchases/${key}`, { ...row, ...members }],
    ['POST', 'seed', { marketplace: { purchases: [{ ...row, ...members }] } }],
    ['POST', `upstreams/app_store/purchases/${row.token}/purchase`, { ...sold, ...members }],
    ['POST', 'receipts/samsung', members],
  ]
  for (const [method, path, body] of bodies) {
    const reply = await sandbox.ask(`/_sandbox/${path}`, { ...post(body), method })
    expect([path, reply.status, await reply.text()]).toEqual([path, 422, expect.stringMatching(why)])
  }
  expect(await sandbox.rows('marketplace', 'purchases')).toEqual([])
})

test('a receipt of an unknown storefront is not minted', async () => {
  const sandbox = await aSandbox()
  const reply = await sandbox.ask('/_sandbox/receipts/app_store', post({ bundleId: row.app, productId: row.productId, storefront: 'ZZZ' }))

  expect([reply.status, await reply.text()]).toEqual([422, expect.stringMatching(/storefront.*ZZZ is that of no country/)])
  await sandbox.control('POST', 'receipts/app_store', { bundleId: row.app, productId: row.productId, storefront: 'DEU' })
  expect(await sandbox.rows('marketplace', 'purchases')).toMatchObject([{ countryCode: 'DE' }])
})

test('rows of before are kept by a start, a snapshot and an action', async () => {
  const data = await aFolder()
  const kept = { ...row, countryCode: 'USA', currencyCode: 'usd' }
  const sandbox = await aSandbox({ memory: false, data })
  await keep(sandbox, kept)
  expect(await sandbox.rows('marketplace', 'purchases')).toEqual([kept])
  await sandbox.close()

  const next = await aSandbox({ memory: false, data })
  expect(await next.rows('marketplace', 'purchases')).toEqual([kept])
  expect(await next.control('POST', `upstreams/app_store/purchases/${row.token}/refund`)).toMatchObject(kept)
  expect(next.reports).toEqual([])
})

test('a purchase of Mbaasy may hold such a row of before', () => {
  const { seen } = (tables.inAppPurchases.schema as z.ZodObject).shape
  expect((seen as z.ZodType).safeParse([{ ...row, countryCode: 'USA', currencyCode: 'usd' }]).success).toBe(true)
})

/** Writes a row as an earlier version kept it: by a snapshot, which is restored as it is. */
async function keep(sandbox: TestSandbox, kept: object): Promise<void> {
  await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT' })
  const { checksum: _checksum, ...document } = (await sandbox.control('GET', 'snapshots/s')) as {
    rows: object
    rowCount: number
    checksum: string
  }
  const rows = { ...document.rows, marketplace: { purchases: [kept] } }
  const reply = await sandbox.ask('/_sandbox/snapshots/s', { method: 'PUT', body: JSON.stringify({ ...document, rows }) })
  expect([reply.status, await reply.text()]).toEqual([200, expect.anything()])
  await sandbox.control('POST', 'snapshots/s/restore')
}
