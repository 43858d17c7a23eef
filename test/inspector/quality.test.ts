import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { echo } from '../support/echo.js'
import { purchased, teakPurchase, useBrowser, type OpenPage } from './browser.js'
import { aFullSandbox } from './full-sandbox.js'

const open = useBrowser()

const views = [
  '/live',
  '/live/r-3',
  '/live/r-5',
  '/purchases',
  '/purchases/teak/purchases/123456%3Aorder-1',
  '/tables',
  '/tables/ouya/gamers',
  '/tables/ouya/gamers/player',
  '/tables/teak/sessions',
  '/webhooks',
  '/report',
  '/receipts/google_play',
  '/receipts/inspect',
  '/faults',
  '/clock',
  '/state',
  '/workspaces',
  '/vendors',
  '/vendors/teak',
  '/devices',
  '/nowhere',
]

test('no view breaks the rules for accessible pages, and none is wider than the screen, on a screen in light and on a phone in dark', async () => {
  const { page, go, leave, violations } = await open({ before: aFullSandbox })
  const found: string[] = []
  for (const view of views) {
    // From an empty page, so that what is checked cannot be the view before.
    await leave()
    await go(view)
    await page.locator('main h1').waitFor()
    await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' })
    for (const surface of [
      { theme: 'light', width: 1920 },
      { theme: 'dark', width: 360 },
    ] as const) {
      await show(page, surface)
      for (const fault of await faultsOf(page, violations)) found.push(`${view}, ${surface.theme}: ${fault}`)
    }
  }

  expect(found).toEqual([])
}, 300_000)

test('the API reference keeps them too, and leads back to the inspector', async () => {
  const { page, sandbox, violations } = await open()

  await page.goto(`${sandbox.url}/_sandbox/docs`)
  await page.locator('details.call summary').first().click()
  for (const surface of [
    { theme: 'light', width: 1440 },
    { theme: 'dark', width: 390 },
  ] as const) {
    await show(page, surface)
    expect(await faultsOf(page, violations)).toEqual([])
  }
  await page.getByRole('link', { name: 'Back to the inspector' }).click()

  await page.getByText('Nothing has been asked yet.').waitFor()
})

/** Shows the page in a theme and at a width in pixels. */
async function show(page: Page, { theme, width }: { theme: 'light' | 'dark'; width: number }): Promise<void> {
  await page.setViewportSize({ width, height: 900 })
  // Without motion, as a colour on its way from one theme to the other has less contrast.
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
}

async function faultsOf(page: Page, violations: OpenPage['violations']): Promise<string[]> {
  const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
  return [...(await violations()), ...(isTooWide ? ['wider than the screen'] : [])]
}

test('a dialog keeps the keyboard, and Escape gives it back', async () => {
  const { page, violations } = await open({ before: purchased })
  await page.getByRole('button', { name: 'Clear' }).focus()

  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Clear' }).waitFor()
  expect(await violations()).toEqual([])
  for (let presses = 0; presses < 12; presses++) await page.keyboard.press('Tab')
  expect(await page.evaluate(`document.activeElement === document.body || !!document.activeElement.closest('dialog')`)).toBe(true)
  await page.keyboard.press('Escape')

  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Clear')
})

test('on a narrow screen the menu opens, leads to a view and closes', async () => {
  const { page } = await open({ width: 360 })

  await page.getByRole('button', { name: 'Menu' }).click()
  const link = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Devices' })
  await link.click()

  await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor()
  expect(await link.isVisible()).toBe(false)
  expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
})

test('a theme that was chosen stays', async () => {
  const { page } = await open({ theme: 'light' })

  const light = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
  await page.getByLabel('Theme').selectOption('dark')
  const dark = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
  expect(dark).not.toBe(light)
  await page.reload()

  await page.getByText('Nothing has been asked yet.').waitFor()
  expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(dark)
})

test('a lost sandbox is said, and the page goes on by itself', async () => {
  const { page, sandbox } = await open()
  await page.getByText('Live. 0 requests').waitFor()

  await page.route('**/traffic?**', (route) => route.abort())
  await page.getByRole('combobox', { name: 'Query' }).fill('o')
  await page.keyboard.press('Enter')
  await page.getByText('The sandbox does not answer.').waitFor()
  await page.unroute('**/traffic?**')
  await sandbox.fetch('/teak/v2/purchase', teakPurchase())

  await page.getByText('1 request matches').waitFor()
})

test('a sixth vendor is in every view without a line for it', async () => {
  const { page, go } = await open({
    view: '/vendors/echo',
    options: { vendor: [echo] },
    before: (sandbox) => sandbox.fetch('/echo/echo', { method: 'POST', body: JSON.stringify({ id: 'n-1', text: 'hello' }) }),
  })

  await page.getByRole('button', { name: 'More of POST /echo' }).click()
  await page.getByText('Known from: made for tests').waitFor()
  await go('/live/r-1')
  await page.getByRole('region', { name: 'Request r-1' }).getByText('Note "n-1" is kept since').waitFor()
  await page.getByRole('link', { name: 'echo.notes n-1' }).click()
  await page.getByRole('group', { name: 'Row' }).getByText('"hello"').waitFor()
  await go('/faults')
  await page.getByRole('form', { name: 'Make a fault' }).getByLabel('Vendor').selectOption('echo')
  await page.getByRole('form', { name: 'Make a fault' }).getByLabel('Reply').selectOption('limited')
  await go('/devices')
  await page.getByText('api.echo.test').waitFor()
})
