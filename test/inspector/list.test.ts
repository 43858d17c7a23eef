import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { checksumOf, type SessionDocument } from '../../src/workspace/session/document.js'
import { purchased, teakPurchase, useBrowser, type OpenPage } from './browser.js'

const open = useBrowser()
const buy = '/teak/v2/purchase'

test('the query stands in the address, and a link with it shows the same', async () => {
  const { page, go } = await open({
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ user_id: 'player-9' }))
      await own.fetch('/nowhere')
    },
  })

  await page.getByRole('combobox', { name: 'Query' }).fill('status:4xx player-9')
  await page.keyboard.press('Enter')
  await page.getByText('1 request matches').waitFor()
  const link = page.url()
  await page.goto('about:blank')
  await page.goto(link)

  await page.getByText('1 request matches').waitFor()
  expect(await page.locator('.requests li').count()).toBe(1)
  await go('/live?q=nothing-has-this')
  await page.getByText('No kept request matches.').waitFor()
})

test('the query line completes keys and the values that occur', async () => {
  const { page } = await open({
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ user_id: 'player-2', platform_id: 'order-2' }))
    },
  })
  await page.getByText('2 requests kept').waitFor()

  await page.keyboard.press('/')
  await page.keyboard.type('pla')
  await page.getByRole('option', { name: 'player:' }).click()
  const option = page.getByRole('option', { name: 'player:player-2' })
  await option.waitFor()
  const field = (await page.getByRole('combobox', { name: 'Query' }).boundingBox())!
  expect((await option.boundingBox())!.y).toBeGreaterThanOrEqual(field.y + field.height)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')

  await page.getByText('1 request matches').waitFor()
  expect(page.url()).toContain('player%3Aplayer-2')
})

test.each([0, 120])('a query of several terms can be typed with %i ms between the keys', async (delay) => {
  const { page } = await open({
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ user_id: 'player-9' }))
    },
  })
  await page.getByText('2 requests kept').waitFor()
  const field = page.getByRole('combobox', { name: 'Query' })

  for (const query of ['is:refused vendor:teak status:4xx ', 'since:5m player:player-9 is:refused']) {
    await field.fill('')
    await page.keyboard.type(query, { delay })
    expect(await field.inputValue()).toBe(query)
    await page.keyboard.press('Enter')
    await page.getByText('1 request matches').waitFor()
  }

  // A query that comes from elsewhere still replaces the text.
  await page.getByRole('link', { name: /^accepted/ }).click()
  await expect.poll(() => field.inputValue()).toBe('is:accepted since:5m player:player-9')
})

test('opening the printed address in a browser leaves the first steps in place until a vendor is asked', async () => {
  const { page, sandbox } = await open()
  await page.goto('about:blank')

  await page.goto(sandbox.url)

  await page.getByText('No vendor has been asked yet.').waitFor()
  await page.getByRole('link', { name: 'r-1' }).waitFor()
  await page.getByRole('button', { name: 'Send a purchase' }).first().waitFor()
  await sandbox.fetch(buy, teakPurchase())
  await page.locator('.requests li').getByText('Player player-1 spent $4.99').waitFor()
  expect(await page.locator('.requests li').count()).toBe(2)
  expect(await page.getByText('No vendor has been asked yet.').count()).toBe(0)
})

test('a long path shows its end, and a long id is whole beside the star of a pin', async () => {
  const path = '/teak/client/google_play/of/a/rather/long/path/without/an/end/purchase_orders'
  const id = 'r-160251'
  const { page, go } = await open({
    width: 1440,
    before: async (own) => {
      await countUpTo(own, 160_250)
      await own.fetch(path)
    },
  })

  await go('/nowhere')
  await go(`/live?pins=${id}`)

  const shown = page.locator('.path-end bdi')
  await shown.waitFor()
  // Measured in one go, and again until the columns have their widths.
  const hidden = () =>
    shown.evaluate((text) => {
      const [inner, outer] = [text.getBoundingClientRect(), text.closest('.path-end')!.getBoundingClientRect()]
      return { start: inner.left < outer.left, end: Math.abs(inner.right - outer.right) >= 2 }
    })
  await expect.poll(hidden).toEqual({ start: true, end: false })
  for (const [width, view] of [
    [390, `/live?pins=${id}`],
    [1440, `/live?pins=${id}`],
    [1920, `/live?pins=${id}`],
    [1440, `/live/${id}?pins=${id}`],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    await go(view)
    const shownId = page.locator('.requests .request-id')
    await shownId.getByText(id).waitFor()
    await expect.poll(() => shownId.getByText('★').count()).toBe(1)
    const isCut = () => shownId.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    await expect.poll(isCut, { message: `${view} at ${width} px` }).toBe(false)
  }
})

test('a verdict is a filter of its own', async () => {
  const { page } = await open({
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase())
    },
  })

  await page.getByRole('link', { name: 'repeated 1' }).click()

  await page.getByText('1 request matches').waitFor()
})

test('pausing holds the list, and going on catches up', async () => {
  const { page, sandbox } = await open({ before: purchased })
  await page.getByText('Live. 1 request').waitFor()

  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Paused.').waitFor()
  await sandbox.fetch(buy, teakPurchase({ platform_id: 'order-2' }))
  await page.getByRole('button', { name: '1 new' }).waitFor()
  expect(await page.locator('.requests li').count()).toBe(1)
  await page.getByRole('button', { name: 'Go on' }).click()

  await page.getByText('Live. 2 requests').waitFor()
})

test('the row that is aimed at is the one that opens, however many requests arrive meanwhile', async () => {
  const { page, sandbox } = await open({
    before: async (own) => {
      for (let number = 1; number <= 30; number++) await own.fetch(buy, teakPurchase({ platform_id: `order-${number}` }))
    },
  })
  let sent = 30
  for (const y of [250, 420, 600, 780]) {
    await page.getByText(`Live. ${sent} requests`).waitFor()
    await page.mouse.move(600, y)
    const aimed = await page.evaluate(`document.elementFromPoint(600, ${y}).closest('a').dataset.id`)
    for (let more = 1; more <= 10; more++) await sandbox.fetch(buy, teakPurchase({ platform_id: `order-${(sent += 1)}` }))
    await page.getByRole('button', { name: '10 new' }).waitFor()
    await page.mouse.click(600, y)

    await page.getByRole('region', { name: `Request ${String(aimed)}`, exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.evaluate('document.activeElement.dataset.id')).toBe(aimed)
    await page.keyboard.press('Escape')
    await page.mouse.move(600, 10)
    await page.locator('.list-pane').evaluate((pane) => pane.scrollTo(0, 0))
  }
})

test('a link to an old request shows its page of the list, with its row in view', async () => {
  const { page } = await open({
    view: '/live/r-5',
    before: async (own) => {
      for (let number = 1; number <= 130; number++) await own.fetch(buy, teakPurchase({ platform_id: `order-${number}` }))
    },
  })

  await page.getByText('Page 2 of 2').waitFor()
  const row = page.locator('.requests a[aria-current]')
  await row.waitFor()
  const box = (await row.boundingBox())!
  expect(box.y).toBeGreaterThan(0)
  expect(box.y + box.height).toBeLessThan(900)
})

test('keys alone lead through the list to a request and back', async () => {
  const { page } = await open({
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ platform_id: 'order-2' }))
    },
  })
  await page.locator('.requests a').first().focus()

  await page.keyboard.press('j')
  await page.keyboard.press('Enter')

  await page.getByRole('region', { name: 'Request r-1' }).waitFor()
  expect(page.url()).toContain('#/live/r-1')
  await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H2')
  await page.keyboard.press('k')
  await page.getByRole('region', { name: 'Request r-2' }).waitFor()
  await page.getByRole('button', { name: 'Edit and replay' }).waitFor()
  await page.keyboard.press('e')
  await page.getByRole('region', { name: 'Edit r-2' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('region', { name: 'Edit r-2' }).waitFor({ state: 'detached' })
  await page.locator('h2').first().focus()
  await page.keyboard.press('Escape')
  await page.getByRole('region', { name: 'Request r-2' }).waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate('document.activeElement.dataset.id')).toBe('r-2')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
})

test('older requests are a page of a hundred away', async () => {
  const { page } = await open({
    before: async (own) => {
      for (let number = 1; number <= 130; number++) await own.fetch(buy, teakPurchase({ platform_id: `order-${number}` }))
    },
  })
  await page.getByText('Page 1 of 2').waitFor()
  expect(await page.locator('.requests li').count()).toBe(100)

  await page.getByRole('link', { name: 'Older' }).click()

  await page.getByText('Page 2 of 2').waitFor()
  await page.getByText('recorded under platform_id order-1.').waitFor()
  expect(await page.locator('.requests li').count()).toBe(30)
})

test('of a hundred requests a second each is drawn once at most, and never more than a page of them', async () => {
  const { page, sandbox } = await open()
  await page.getByText('Nothing has been asked yet.').waitFor()
  const drawnLines = await linesDrawnOn(page)

  const began = performance.now()
  for (let number = 1; number <= 300; number++) {
    await sandbox.fetch(buy, teakPurchase({ platform_id: `order-${number}` }))
    const wait = began + number * 10 - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  }
  await page.getByText('recorded under platform_id order-300.').waitFor()

  expect(await page.locator('.requests li').count()).toBe(100)
  const drawn = await drawnLines()
  expect(drawn).toBeGreaterThanOrEqual(100)
  expect(drawn).toBeLessThanOrEqual(300)
})

/** Counts the lines of the list that are added or moved from now on. */
async function linesDrawnOn(page: Page): Promise<() => Promise<number>> {
  // As text, because the types of a browser are not those of the tests.
  await page.evaluate(`
    globalThis.drawnLines = 0
    const linesIn = (node) => node instanceof Element ? (node.matches('.requests > li') ? 1 : node.querySelectorAll('.requests > li').length) : 0
    new MutationObserver((mutations) => {
      for (const { addedNodes } of mutations) for (const node of addedNodes) globalThis.drawnLines += linesIn(node)
    }).observe(document.body, { subtree: true, childList: true })
  `)
  return () => page.evaluate('globalThis.drawnLines')
}

test('a request that the chosen filter leaves out is closed', async () => {
  const { page } = await open({
    view: '/live/r-1',
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ user_id: 'player-9' }))
    },
  })
  await page.getByRole('region', { name: 'Request r-1' }).getByText('recorded', { exact: true }).waitFor()

  await page.getByRole('link', { name: 'accepted 1' }).click()
  await page.getByText('1 request matches').waitFor()
  await page.getByRole('region', { name: 'Request r-1' }).waitFor()
  await page.getByRole('link', { name: 'refused 1' }).click()

  await page.getByRole('region', { name: 'Request r-1' }).waitFor({ state: 'detached' })
  expect(page.url()).toMatch(/#\/live\?q=is%3Arefused$/)
  // A link may still lead to it, and a replay may not match.
  await page.locator('.requests a').first().click()
  await page.getByRole('button', { name: 'Edit and replay' }).click()
  await page.getByRole('button', { name: 'Take body › user_id "player-1"' }).click()
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  const replayed = page.getByRole('region', { name: 'Request r-3' })
  await replayed.getByText('r-3 does not match is:refused, so the list does not have it.').waitFor()
  await replayed.getByRole('link', { name: 'Take the query away' }).click()
  await page.getByText('3 requests kept').waitFor()
  await replayed.getByText('does not match').waitFor({ state: 'detached' })
})

test.each([390, 768, 1280, 1920])('at %d pixels the list has its whole height before its rows come into sight', async (width) => {
  const { page } = await open({
    width,
    before: async (own) => {
      for (let number = 1; number <= 130; number++) await own.fetch(buy, teakPurchase({ platform_id: `order-${number}` }))
    },
  })
  await page.getByText('Page 1 of 2').waitFor()
  const height = () => page.evaluate<number>(`document.querySelector('.requests').getBoundingClientRect().height`)

  const before = await height()
  await page.evaluate(`for (const row of document.querySelectorAll('.requests li')) row.style.contentVisibility = 'visible'`)

  // The browser rounds each of the hundred rows to a part of a pixel.
  expect(Math.abs(before - (await height()))).toBeLessThan(10)
})

test('each change of the workspace is on the page of the list whose time it belongs to', async () => {
  const { page } = await open({
    before: async (own) => {
      await own.clock.advance({ duration: 'P1D' })
      for (let number = 1; number <= 60; number++) await own.fetch(buy, teakPurchase({ platform_id: `order-${number}` }))
      await own.marketplace.down('google_play')
      for (let number = 61; number <= 130; number++) await own.fetch(buy, teakPurchase({ platform_id: `order-${number}` }))
      await own.clock.advance({ duration: 'P2D' })
    },
  })
  const dividers = async () => (await page.locator('.divider').allTextContents()).map((text) => text.replace(/^\S+ (.*?)( · .*)?$/, '$1'))
  await page.getByText('Page 1 of 2').waitFor()
  expect(await dividers()).toEqual(['clock advanced by 2 days', 'Google Play cannot be reached'])

  await page.getByRole('link', { name: 'Older' }).click()
  await page.getByText('Page 2 of 2').waitFor()
  expect(await dividers()).toEqual(['clock advanced by 1 day'])
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByRole('button', { name: 'Forget them' }).click()

  await page.getByText('Nothing has been asked yet.').waitFor()
  expect(await dividers()).toEqual(['clock advanced by 2 days', 'Google Play cannot be reached', 'clock advanced by 1 day'])
})

test('an invalid query is refused in one message, and lists no request', async () => {
  const { page, go } = await open({ before: purchased })
  await page.getByText('Live. 1 request').waitFor()

  await go('/live?q=is%3Anonsense')

  await page.getByText('The query is not valid, so no request is listed').waitFor()
  const note = await page.getByRole('alert').innerText()
  expect(note.match(/nonsense/g)).toHaveLength(1)
  expect(note).not.toContain('/q')
  expect(await page.locator('.requests li').count()).toBe(0)
  expect(await page.getByText('Not connected').count()).toBe(0)
  await go('/live')
  await page.getByText('Live. 1 request').waitFor()
})

test('chips count the kept requests, and the client report says how many were dropped', async () => {
  const { page, go } = await open({
    options: { trafficLimit: 2 },
    before: async (own) => {
      await own.fetch(buy, teakPurchase({ user_id: 'player-9' }))
      for (const order of ['a', 'b', 'c']) await own.fetch(buy, teakPurchase({ platform_id: order }))
    },
  })

  await page.getByRole('link', { name: 'accepted 2 kept of 3' }).waitFor()
  await page.getByRole('link', { name: 'refused 0 kept of 1' }).waitFor()
  await go('/report')
  await page.getByText('2 older requests were dropped and are not in this report.').waitFor()
})

test('an address without a request releases the list that an open request held', async () => {
  const { page, sandbox, go } = await open({
    before: async (own) => {
      for (let number = 1; number <= 60; number++) await own.fetch(buy, teakPurchase({ platform_id: `order-${number}` }))
    },
  })
  await page.getByText('Live. 60 requests').waitFor()
  await page.locator('a[data-id="r-60"]').focus()
  for (let at = 0; at < 3; at++) await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'Request r-57' }).waitFor()
  for (let more = 61; more <= 63; more++) await sandbox.fetch(buy, teakPurchase({ platform_id: `order-${more}` }))
  await page.getByText('Held. 63 requests').waitFor()

  await go('/live')

  await page.getByText('Live. 63 requests').waitFor()
  await page.locator('a[data-id="r-63"]').waitFor()
  await go('/live/r-5')
  await page.getByText('Held. 63 requests').waitFor()
  await go('/live')
  await page.getByText('Live. 63 requests').waitFor()
})

/** Lets a sandbox give the id after this number next, as a busy one would, by opening a session whose last request has it. */
async function countUpTo(sandbox: OpenPage['sandbox'], number: number): Promise<void> {
  await sandbox.fetch('/@busy/nowhere')
  const session = (await (await sandbox.fetch('/@busy/_sandbox/session')).json()) as SessionDocument
  Object.assign(session.traffic.entries[0]!, { id: `r-${number}`, number })
  const body = JSON.stringify({ ...session, checksum: checksumOf(session) })
  const opened = await sandbox.fetch('/_sandbox/workspaces/counted/session', { method: 'PUT', body })
  expect(opened.status).toBe(201)
}
