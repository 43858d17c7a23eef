import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { purchased, useBrowser, type OpenPage } from './browser.js'
import { aRichSandbox, longIds } from './rich-sandbox.js'

const open = useBrowser()

const widths = [390, 768, 1440, 1920]
const themes = ['light', 'dark'] as const

/** Paths of every view, with open items that have long ids. */
async function viewsOf({ fetch }: OpenPage['sandbox']): Promise<string[]> {
  const get = async <T>(path: string) => (await (await fetch(`/_sandbox/${path}`)).json()) as T
  const { entries } = await get<{ entries: { id: string; vendor: string | null; outcome: string; verdict: string }[] }>(
    'traffic?limit=1000',
  )
  const { purchases } = await get<{ purchases: { vendor: string; table: string; key: string; order: string | null }[] }>('purchases')
  const { deliveries } = await get<{ deliveries: { id: string; status: string }[] }>('webhooks')
  const request = (isWanted: (entry: (typeof entries)[number]) => boolean) => `/live/${entries.find(isWanted)!.id}`
  const long = purchases.filter(({ order }) => order?.startsWith(longIds.order))
  return [
    '/live',
    '/live?q=is:refused',
    '/live?q=nothing-has-this',
    request(({ outcome }) => outcome === 'unknown-player'),
    request(({ verdict }) => verdict === 'pending'),
    request(({ verdict }) => verdict === 'failed'),
    request(({ vendor }) => vendor === 'ouya'),
    '/purchases',
    '/purchases?by=player',
    ...new Set(long.map(({ vendor, table, key }) => `/purchases/${vendor}/${table}/${encodeURIComponent(key)}`)),
    '/tables',
    '/tables/ouya/gamers',
    '/tables/ouya/gamers/player',
    '/tables/teak/purchases',
    '/webhooks',
    `/webhooks/${deliveries.find(({ status }) => status === 'waiting')!.id}`,
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
    '/live?in=ghost',
  ]
}

/** Names of elements that are wider than their place: the page, its content, on a phone anything that scrolls sideways, marks and names of vendors that are cut. */
async function misfits(page: Page): Promise<string[]> {
  const found = await page.evaluate(`(() => {
    const name = (element) => element.tagName.toLowerCase() + '.' + String(element.className).replaceAll(' ', '.')
    const isWide = (element) => element.scrollWidth > element.clientWidth + 1
    const own = [document.scrollingElement, document.querySelector('main')].filter(isWide)
    const scrolls = (element) => element.clientWidth > 0 && isWide(element) && /auto|scroll/.test(getComputedStyle(element).overflowX)
    const boxes = innerWidth > 500 ? [] : [...document.querySelectorAll('body *')].filter(scrolls)
    const vendors = [...document.querySelectorAll('.requests .request-vendor')].filter(isWide)
    const marks = [...document.querySelectorAll('.request-answer > :not(.outcome)')].filter((mark) => {
      const [inner, outer] = [mark.getBoundingClientRect(), mark.parentElement.getBoundingClientRect()]
      return inner.width > 0 && inner.right > outer.right + 1
    })
    return [...new Set([...own, ...boxes, ...vendors, ...marks].map(name))]
  })()`)
  return found as string[]
}

test('no view is wider than a phone, a tablet or a screen, in either theme, however long the ids are', async () => {
  const { page, sandbox, go, leave } = await open({ before: aRichSandbox })
  const found: string[] = []
  for (const view of await viewsOf(sandbox)) {
    await leave()
    await go(view)
    await page.locator('main h1').waitFor()
    await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' })
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme })
        for (const misfit of await misfits(page)) found.push(`${view} at ${width} px, ${colorScheme}: ${misfit}`)
      }
    }
  }

  expect(found).toEqual([])
}, 300_000)

test('on a phone the story of a purchase is a list with the pauses between its events', async () => {
  const { page } = await open({
    width: 390,
    view: '/purchases?search=premium_&vendor=mbaasy',
    before: aRichSandbox,
  })

  await page.getByRole('link', { name: longIds.product }).click()

  // The month from now has 28 to 31 days.
  await page
    .locator('.events')
    .getByText(/(2[89]|3[01]) d pass/)
    .waitFor()
  expect(await page.locator('.lanes').isVisible()).toBe(false)
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('img', { name: /^Diagram of/ }).waitFor()
})

test('on a phone the first thing out of the ordinary is shown, and the others on request', async () => {
  const { page } = await open({ width: 390, before: aRichSandbox })
  const strip = page.getByRole('region', { name: 'Not ordinary in this workspace' })
  await strip.getByRole('link', { name: /^Clock frozen/ }).waitFor()
  expect(await strip.getByRole('link', { name: /webhooks failing/ }).isVisible()).toBe(false)

  await strip.getByRole('button', { name: '3 more' }).click()

  await strip.getByRole('link', { name: /webhooks failing/ }).waitFor()
})

test('on a phone the list can be paused, saved and cleared', async () => {
  const { page } = await open({ width: 390, before: purchased })
  await page.getByText('Live. 1 request').waitFor()
  expect(await page.getByRole('button', { name: 'Pause' }).isVisible()).toBe(false)

  await page.getByRole('button', { name: 'More', exact: true }).click()

  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Paused. 1 request').waitFor()
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save HAR' }).click()
  expect((await saved).suggestedFilename()).toBe('coinslot.har')
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByRole('button', { name: 'Forget them' }).click()
  await page.getByText('Nothing has been asked yet.').waitFor()
})

test('no placeholder and no chosen value of a form is cut, and the steps of the clock stand in columns', async () => {
  const { page, go, leave } = await open({ before: purchased })
  const found: string[] = []
  for (const view of ['/live', '/purchases', '/faults', '/webhooks', '/clock', '/live/r-1?with=+']) {
    await leave()
    await go(view)
    await page.locator('main h1').waitFor()
    await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' })
    if (view.includes('r-1')) await page.getByLabel('Compare with request').waitFor()
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 900 })
      for (const text of await cutTexts(page)) found.push(`${view} at ${width} px: ${text}`)
    }
  }

  expect(found).toEqual([])
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 })
    await go('/clock')
    const steps = await page.getByRole('group', { name: 'Move on by' }).getByRole('button').all()
    const boxes = await Promise.all(steps.map(async (step) => (await step.boundingBox())!))
    expect(boxes).toHaveLength(6)
    const lengths = boxes.map((box) => box.width)
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThan(1)
    // One line each.
    for (const { height } of boxes) expect(height).toBeLessThan(40)
  }
})

/** Placeholders and chosen values that are wider than their fields. */
async function cutTexts(page: Page): Promise<string[]> {
  const found = await page.evaluate(`(() => {
    const pen = document.createElement('canvas').getContext('2d')
    return [...document.querySelectorAll('main input[placeholder], main select')].flatMap((field) => {
      const text = field.placeholder ?? field.selectedOptions[0]?.text ?? ''
      const style = getComputedStyle(field)
      pen.font = style.fontStyle + ' ' + style.fontWeight + ' ' + style.fontSize + ' ' + style.fontFamily
      const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
      return field.clientWidth > 0 && pen.measureText(text).width > room ? [text] : []
    })
  })()`)
  return found as string[]
}
