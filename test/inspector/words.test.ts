import { expect, test } from 'vitest'
import { writeAsSent } from '../../src/kernel/json/as-sent.js'
import { effectOf } from '../../src/inspector/page/views/faults/fault-draft.js'
import { plainTimes } from '../../src/inspector/page/words.js'
import { teakPurchase, useBrowser } from './browser.js'
import { aRichSandbox } from './rich-sandbox.js'

const open = useBrowser()

test.each([
  ['clock advanced by P1M', 'clock advanced by 1 month'],
  ['clock advanced by P1Y2M3W4DT5H6M7S', 'clock advanced by 1 year, 2 months, 3 weeks, 4 days, 5 hours, 6 minutes and 7 seconds'],
  ['clock advanced by PT90S', 'clock advanced by 90 seconds'],
  ['clock advanced by 7200000 ms', 'clock advanced by 2 hours'],
  ['clock advanced by 1500 ms', 'clock advanced by 1500 ms'],
  ['Product P1 of GPA.P40D-x is no duration: P', 'Product P1 of GPA.P40D-x is no duration: P'],
])('"%s" reads "%s"', (told, shown) => {
  expect(plainTimes(told)).toBe(shown)
})

test('the reply of a fault keeps the digits that were entered', () => {
  const effect = effectOf({ kind: 'reply', status: '200', body: '{"id":12345678901234567891}' })

  expect(writeAsSent(effect)).toBe('{"kind":"reply","status":200,"body":{"id":12345678901234567891}}')
})

test('attempts of webhooks are told in words', async () => {
  const { page } = await open({ view: '/webhooks', before: aRichSandbox })

  const row = page.getByRole('row').filter({ hasText: 'in_app_purchase.updated' })
  await row.getByText('6, given up').waitFor()
  await row.getByText('nothing listens at 127.0.0.1:9 (ECONNREFUSED)').waitFor()
  await page.getByText('1, not received yet').waitFor()
  expect(await page.getByText(/[○●]/).count()).toBe(0)
})

test('a link to a table shows its rows and its place in the list of tables, and no value as JSON', async () => {
  const { page, go } = await open({ width: 1440, before: aRichSandbox })

  await go('/tables/mbaasy/purchaseOrders')

  await page.getByRole('row').nth(1).waitFor()
  for (const target of [page.getByRole('heading', { name: /^mbaasy\.purchaseOrders/ }), page.locator('.side-list [aria-current]')]) {
    const box = (await target.boundingBox())!
    expect(box.y).toBeGreaterThan(40)
    expect(box.y + box.height).toBeLessThan(900)
  }
  expect(
    await page
      .locator('td')
      .filter({ hasText: /^(null|[{[].*)$/ })
      .count(),
  ).toBe(0)
})

test('a story has moves of the clock in words, and no fault as an act of the store', async () => {
  const { page } = await open({ width: 1440, view: '/purchases?search=premium_&vendor=mbaasy', before: aRichSandbox })

  await page.getByRole('link', { name: /^com\.example/ }).click()

  await page.locator('.events').getByText('nothing listens at 127.0.0.1:9 (ECONNREFUSED)').first().waitFor()
  const story = await page.locator('.events').innerText()
  expect(story).toMatch(/clock set to \d+ \w+ \d{4}, [\d:]+ and frozen/)
  expect(story).not.toMatch(/\d{4}-\d\d-\d\dT|\bfault\b|\[object|productId/)
})

test('the client report names vendors by their titles', async () => {
  const buy = () => teakPurchase({ user_id: 'player-9' })
  const { page } = await open({
    view: '/report',
    before: async (own) => {
      await own.fetch('/teak/v2/purchase', buy())
      await own.fetch('/teak/v2/purchase', buy())
    },
  })

  await page.getByRole('heading', { name: /^Teak / }).waitFor()
})
