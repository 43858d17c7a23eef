import { expect, test } from 'vitest'
import { aReceiver } from '../support/receiver.js'
import { teakPurchase, useBrowser } from './browser.js'

const open = useBrowser()
const buy = '/teak/v2/purchase'

test('purchases of all vendors stand on one timeline, and each tells its story in lanes', async () => {
  const { page } = await open({
    view: '/purchases',
    before: async (own) => {
      await own.fetch(buy, teakPurchase({ product_name: 'Gems' }))
      await own.fetch(buy, teakPurchase({ product_name: 'Gems' }))
      const { form } = await own.receipts.ouya({ package: 'tv.ouya.sample', identifier: 'sharp_axe', username: 'player' })
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      await own.fetch('/ouya/api/v1/games/tv.ouya.sample/purchases', { method: 'POST', headers, body: form })
    },
  })
  await page.getByRole('row', { name: /sharp_axe.*OUYA/ }).waitFor()

  await page.getByRole('link', { name: 'Gems' }).click()

  await page.getByRole('img', { name: 'Diagram of 4 events in the lanes Store, Game, Vendor, Webhook' }).waitFor()
  expect(await page.locator('.events li').allInnerTexts()).toEqual([
    expect.stringContaining('POST /v2/purchase'),
    expect.stringContaining('200 recorded'),
    expect.stringContaining('POST /v2/purchase'),
    expect.stringContaining('200 repeated'),
  ])
})

test('a purchase is found by its player and its order, and a request leads to its story', async () => {
  const { page, go } = await open({
    view: '/purchases?by=player',
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ user_id: 'player-2', platform_id: 'order-2' }))
    },
  })
  await page.getByRole('rowheader', { name: /player-2/ }).waitFor()

  await page.getByLabel('Search').fill('order-2')
  await page.getByRole('status').getByText('1 purchase').waitFor()
  await page.getByRole('link', { name: 'player-2' }).click()
  await page.getByRole('button', { name: 'Any player' }).waitFor()
  await go('/live/r-2')
  await page
    .getByRole('link', { name: 'Story of this purchase' })
    .or(page.getByRole('button', { name: 'Story of this purchase' }))
    .click()

  await page.getByRole('img', { name: 'Diagram of 2 events' }).waitFor()
})

test('the list says which older rows it neither shows nor searches', async () => {
  const { page } = await open({
    view: '/purchases?search=order-1-&by=player',
    before: async (own) => {
      for (let at = 1; at <= 2_003; at += 1) await own.fetch(buy, teakPurchase({ platform_id: `order-${at}-` }))
    },
  })

  await page.getByText('Left out are 3 older rows of teak.purchases.').waitFor()
  await page.getByText('No purchase matches.').waitFor()
  await page.getByLabel('Search').fill('')
  await page.getByRole('rowheader', { name: 'player-1 100 purchases on this page' }).waitFor()
  await page.getByRole('link', { name: 'teak.purchases' }).click()

  await page
    .getByRole('heading', { name: /purchases/ })
    .first()
    .waitFor()
})

test('a store renews a purchase from its story, and the webhook follows', async () => {
  const receiver = await aReceiver()
  const { page } = await open({
    view: '/purchases',
    before: async (own) => {
      const [app] = await own.rows('mbaasy', 'playStoreApps')
      const hook = { appFamilyId: String(app!['appFamilyId']), name: 'game', url: receiver.url, hmacKey: 'k' }
      await own.seed({ mbaasy: { webhooks: [hook] } })
      const { purchaseData, signature } = await own.receipts.googlePlay({ packageName: 'com.example.game', productId: 'gems.10' })
      const body = JSON.stringify({ purchase_data: purchaseData, purchase_signature: signature })
      const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' }
      await own.fetch('/mbaasy/client/google_play/purchase_orders', { method: 'POST', headers, body })
      await receiver.got(1)
    },
  })

  await page.getByRole('link', { name: 'gems.10' }).click()
  await page.getByRole('button', { name: 'refund' }).click()

  await page.getByText('Google Play: refund is done.').waitFor()
  await page.locator('.events').getByText('Google Play: refund').waitFor()
  await page.locator('.events').getByText('in_app_purchase.updated').waitFor()
})

test('the client report names what the game must change, and the list marks it', async () => {
  const { page, go } = await open({
    view: '/report',
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase())
    },
  })

  await page.getByRole('heading', { name: /A success was sent again/ }).waitFor()
  await page.getByRole('link', { name: 'r-2' }).click()
  await page.getByRole('list', { name: 'Warnings' }).getByText('Client report').waitFor()
  await go('/live')

  await page
    .locator('.requests')
    .getByText(/sent again .* after it succeeded/)
    .waitFor()
})

test('a purchase that its store never sold has no actions where it was refused, and asks before it is made otherwise', async () => {
  const { page, go, sandbox } = await open({
    before: async (own) => {
      const upload = async (members: Record<string, unknown>) => {
        const { purchaseData, signature } = await own.receipts.googlePlay({
          packageName: 'com.example.game',
          productId: 'gems.10',
          ...members,
        })
        const body = JSON.stringify({ purchase_data: purchaseData, purchase_signature: signature })
        const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' }
        await own.fetch('/mbaasy/client/google_play/purchase_orders', { method: 'POST', headers, body })
      }
      await upload({ tamper: 'signature' })
      await upload({ productId: 'club.monthly', subscription: true })
      for (const { key } of await own
        .fetch('/_sandbox/tables/marketplace/purchases')
        .then(async (reply) => ((await reply.json()) as Keyed).rows))
        await own.fetch(`/_sandbox/tables/marketplace/purchases/${encodeURIComponent(key)}`, { method: 'DELETE' })
    },
  })

  await go('/purchases?state=forged')
  await page.locator('.row-link').click()
  await page.getByText('Google Play never sold this').waitFor()
  expect(await page.getByRole('button', { name: 'renew' }).count()).toBe(0)

  await go('/purchases?search=club.monthly')
  await page.getByRole('link', { name: 'club.monthly' }).click()
  await page.getByRole('button', { name: 'renew', exact: true }).click()
  await page.getByText('Google Play has no row of this purchase.').waitFor()
  expect(await sandbox.rows('marketplace', 'purchases')).toEqual([])
  await page.getByRole('button', { name: 'Make it and renew' }).click()
  await page.getByText('Google Play: renew is done.').waitFor()

  expect(await sandbox.rows('marketplace', 'purchases')).toMatchObject([{ renewals: 1 }])
})

interface Keyed {
  rows: { key: string }[]
}
