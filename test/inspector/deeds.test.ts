import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { withPrefix } from '../../src/inspector/page/views/live/replay.js'
import { teakPurchase, useBrowser, type OpenPage } from './browser.js'
import { forgedForEveryVendor } from './full-sandbox.js'

const open = useBrowser()

test.each([
  ['/v2/purchase?a=/@b', '/teak/v2/purchase?a=/@b'],
  ['/@ci-7/v2/purchase', '/@ci-7/teak/v2/purchase'],
  ['http://game.example:80/@ci-7/v2/purchase', 'http://game.example:80/@ci-7/teak/v2/purchase'],
])('the prefix of a vendor goes into %s behind the host and the workspace', (url, sent) => {
  expect(withPrefix(url, '/teak')).toBe(sent)
})

const buy = '/teak/v2/purchase'

/** Makes r-1, an accepted purchase, and r-2 and r-3, which are refused. */
async function threePurchases({ fetch }: OpenPage['sandbox']): Promise<void> {
  await fetch(buy, teakPurchase())
  await fetch(buy, teakPurchase({ user_id: 'player-9', platform_id: 'order-2' }))
  await fetch(buy, teakPurchase({ amount: '4.99', platform_id: 'order-3' }))
}

const topOf = async (page: Page, name: string) => (await page.getByRole('button', { name, exact: true }).boundingBox())!.y

test('the key c opens the menu of copies with the focus in it, and Escape closes the menu alone', async () => {
  const { page } = await open({ view: '/live/r-1', before: threePurchases })
  const detail = page.getByRole('region', { name: 'Request r-1' })
  await detail.getByRole('button', { name: 'Replay', exact: true }).waitFor()

  await page.keyboard.press('c')

  const first = detail.getByRole('button', { name: 'curl', exact: true })
  await first.waitFor()
  const focused = () => page.evaluate('document.activeElement.textContent')
  const [one, two] = await detail.getByRole('group', { name: 'Copy as' }).getByRole('button').allTextContents()
  await expect.poll(focused).toBe(one)
  await page.keyboard.press('ArrowDown')
  await expect.poll(focused).toBe(two)
  await page.keyboard.press('Escape')
  await first.waitFor({ state: 'hidden' })
  expect(await detail.isVisible()).toBe(true)
  expect(await page.evaluate('document.activeElement.dataset.menu')).toBe('copy as')
})

test('Escape closes the editor before its request, also from outside of the editor', async () => {
  const { page } = await open({ view: '/live/r-2', before: threePurchases })
  const [request, editor] = ['Request r-2', 'Edit r-2'].map((name) => page.getByRole('region', { name }))
  await page.getByRole('button', { name: 'Edit and replay' }).click()
  await editor!.waitFor()
  await page.locator('[data-id="r-2"]').focus()

  await page.keyboard.press('Escape')

  await editor!.waitFor({ state: 'detached' })
  expect(await request!.isVisible()).toBe(true)
  await page.keyboard.press('Escape')
  await request!.waitFor({ state: 'detached' })
})

test('keys that follow each other at once reach what the key before has opened', async () => {
  const { page } = await open({ view: '/live/r-2', before: threePurchases })
  await page.getByRole('button', { name: 'Edit and replay' }).waitFor()

  await page.evaluate(pressAtOnce(['e', 'Escape', '?', 'j']))

  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
  expect(await page.getByRole('region', { name: 'Edit r-2' }).count()).toBe(0)
  expect(page.url()).toContain('#/live/r-2')
})

/** Presses keys with nothing but the page's own drawing between them. */
const pressAtOnce = (keys: readonly string[]) => `(async () => {
  for (const key of ${JSON.stringify(keys)}) {
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    await Promise.resolve()
    await Promise.resolve()
  }
})()`

test.each(['r-1', 'r-2'])('the menus of actions of %s are whole on a phone', async (id) => {
  const { page } = await open({ view: `/live/${id}`, width: 390, before: threePurchases })
  await page.getByRole('button', { name: 'Pin', exact: true }).waitFor()

  for (const label of ['Next time …', 'Copy as']) {
    await page.locator(`[data-menu="${label.toLowerCase()}"]`).click()

    const list = page.getByRole('group', { name: label })
    await list.waitFor()
    await expect.poll(async () => (await list.boundingBox())!.x).toBeGreaterThanOrEqual(0)
    await expect.poll(async () => (await list.boundingBox())!.x + (await list.boundingBox())!.width).toBeLessThanOrEqual(390)
  }
})

test('the buttons stay where they are when one says that it copied', async () => {
  const { page } = await open({ view: '/live/r-1', width: 1440, before: threePurchases })
  await page.getByRole('button', { name: 'Pin', exact: true }).waitFor()
  // It appears when the purchase is known.
  await page.getByRole('button', { name: 'Story of this purchase' }).waitFor()
  const places = async () => [await topOf(page, 'Compare'), await topOf(page, 'Pin')]
  const before = await places()

  await page.keyboard.press('c')
  await page.getByRole('button', { name: 'curl', exact: true }).click()
  await page.getByText('Copied as curl').waitFor()

  expect(await places()).toEqual(before)
  await page.getByText('Copied as curl').waitFor({ state: 'detached' })
})

test('the request to compare with is chosen by a click in the list', async () => {
  const { page } = await open({ view: '/live/r-2', before: threePurchases })
  const detail = page.getByRole('region', { name: 'Request r-2' })

  await detail.getByRole('button', { name: 'Compare', exact: true }).click()
  await detail.getByText('Click the other request in the list').waitFor()
  await page.locator('a[data-id="r-1"]').click()

  const compared = detail.getByRole('region', { name: 'Compare' })
  await compared.getByRole('row', { name: 'body › user_id "player-9" "player-1"' }).waitFor()
  expect(await page.getByLabel('Compare with request').inputValue()).toBe('r-1')
  // Once it is chosen, a click opens a request as before.
  await page.locator('a[data-id="r-3"]').click()
  await page.getByRole('region', { name: 'Request r-3' }).waitFor()
})

test('keys choose the request to compare with, and Escape ends the choice without closing the open request', async () => {
  const { page } = await open({ view: '/live/r-2', before: threePurchases })
  const detail = page.getByRole('region', { name: 'Request r-2' })
  const start = detail.getByRole('button', { name: 'Compare', exact: true })
  await start.click()
  await detail.getByText('Click the other request in the list').waitFor()

  await page.locator('a[data-id="r-2"]').focus()
  await page.keyboard.press('Escape')
  await detail.getByRole('region', { name: 'Compare' }).waitFor({ state: 'detached' })
  await start.click()
  await page.locator('a[data-id="r-2"]').focus()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')

  const compared = detail.getByRole('region', { name: 'Compare' })
  await compared.getByRole('row', { name: 'body › user_id "player-9" "player-1"' }).waitFor()
})

test('on a phone the values of what would have been accepted have the width of the screen', async () => {
  const { page } = await open({ view: '/live?q=is:refused+vendor:mbaasy', width: 390, before: forgedForEveryVendor })
  await page.locator('.requests a').first().click()
  const atFault = page.getByRole('group', { name: 'Members at fault' })
  await atFault.waitFor()

  const cells = await atFault.locator('td, th[scope=row]').all()
  expect(cells.length).toBeGreaterThanOrEqual(3)
  for (const cell of cells) expect((await cell.boundingBox())!.width).toBeGreaterThan(250)
  const title = await page.evaluate(`getComputedStyle(document.querySelector('[aria-label="Members at fault"] td'), '::before').content`)
  expect(title).toContain('This request')
})
