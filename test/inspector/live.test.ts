import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { purchased, teakPurchase, useBrowser } from './browser.js'

const open = useBrowser()
const buy = '/teak/v2/purchase'

test('a request appears while the page is open', async () => {
  const { page, sandbox } = await open()
  await page.getByText('Nothing has been asked yet.').waitFor()

  await sandbox.fetch(buy, teakPurchase())

  const line = page.locator('.requests li').first()
  await line.getByText('Player player-1 spent $4.99').waitFor()
  expect(await line.innerText()).toContain('200 recorded')
})

test('a refused request says why, and what would have been accepted', async () => {
  const { page } = await open({
    before: async (sandbox) => {
      await sandbox.fetch(buy, teakPurchase())
      await sandbox.fetch(buy, teakPurchase({ user_id: 'player-9', platform_id: 'order-2' }))
    },
  })

  await page.getByText('unknown-player').last().click()

  const detail = page.getByRole('region', { name: 'Request r-2' })
  await detail.getByText('user_id is "player-9"; game 123456 has no such player.').waitFor()
  const difference = detail.getByRole('row', { name: 'body/user_id player-9 player-1' })
  await difference.waitFor()
})

test('the filter stands in the address, and a link with it shows the same', async () => {
  const { page, go } = await open({
    before: async (sandbox) => {
      await sandbox.fetch(buy, teakPurchase())
      await sandbox.fetch(buy, teakPurchase({ user_id: 'player-9' }))
      await sandbox.fetch('/nowhere')
    },
  })

  await page.getByLabel('Status').selectOption('4xx')
  await page.getByLabel('Search').fill('player-9')
  await page.getByText('1 request passes the filter').waitFor()
  const link = page.url()
  await page.goto('about:blank')
  await page.goto(link)

  await page.getByText('1 request passes the filter').waitFor()
  expect(await page.locator('.requests li').count()).toBe(1)
  await go('/live?search=nothing-has-this')
  await page.getByText('No kept request passes the filter.').waitFor()
})

test('an outcome is a filter of its own', async () => {
  const { page } = await open({
    before: async (sandbox) => {
      await sandbox.fetch(buy, teakPurchase())
      await sandbox.fetch(buy, teakPurchase())
    },
  })

  await page.getByRole('link', { name: 'teak repeated 1' }).click()

  await page.getByText('1 request passes the filter').waitFor()
})

test('pausing holds the list, and going on catches up', async () => {
  const { page, sandbox } = await open({ before: purchased })
  await page.getByText('Live. 1 request').waitFor()

  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Paused.').waitFor()
  await sandbox.fetch(buy, teakPurchase({ platform_id: 'order-2' }))
  // The counts go on, so that one sees that there is more.
  await page.getByRole('link', { name: 'teak recorded 2' }).waitFor()
  expect(await page.locator('.requests li').count()).toBe(1)
  await page.getByRole('button', { name: 'Go on' }).click()

  await page.getByText('Live. 2 requests').waitFor()
})

test('a request is sent again, as it was and changed', async () => {
  const { page, sandbox } = await open({ view: '/live/r-1', before: purchased })

  await page.getByRole('button', { name: 'Replay', exact: true }).click()
  await page.getByRole('region', { name: 'Request r-2' }).getByText('repeated', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Edit and replay' }).click()
  await page.getByRole('textbox', { name: 'Body' }).fill(teakPurchase({ platform_id: 'order-9' }).body)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByRole('region', { name: 'Request r-3' }).getByText('recorded', { exact: true }).waitFor()

  expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ platformId: 'order-1' }, { platformId: 'order-9' }])
})

test('keys alone lead through the list to a request and back', async () => {
  const { page } = await open({
    before: async (sandbox) => {
      await sandbox.fetch(buy, teakPurchase())
      await sandbox.fetch(buy, teakPurchase({ platform_id: 'order-2' }))
    },
  })
  await page.locator('.requests a').first().focus()

  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')

  await page.getByRole('region', { name: 'Request r-1' }).waitFor()
  expect(page.url()).toContain('#/live/r-1')
  await page.goBack()
  await page.getByRole('region', { name: 'Request r-1' }).waitFor({ state: 'detached' })
})

test('older requests are a page of a hundred away', async () => {
  const { page } = await open({
    before: async (sandbox) => {
      for (let number = 1; number <= 130; number++) await sandbox.fetch(buy, teakPurchase({ platform_id: `order-${number}` }))
    },
  })
  await page.getByText('Page 1 of 2').waitFor()
  expect(await page.locator('.requests li').count()).toBe(100)

  await page.getByRole('link', { name: 'Older' }).click()

  await page.getByText('Page 2 of 2').waitFor()
  await page.getByText('recorded under platform_id order-1.').waitFor()
  expect(await page.locator('.requests li').count()).toBe(30)
})

test('markup in a request is shown as text, wherever it stands', async () => {
  const markup = '<script>window.struck = true</script><img src=x onerror="window.struck = true">'
  const { page, go } = await open({
    view: '/live/r-1',
    before: async (sandbox) => {
      const purchase = teakPurchase({ product_name: markup, user_id: 'player-1' })
      await sandbox.fetch(`${buy}?q=${encodeURIComponent(markup)}`, { ...purchase, headers: { ...purchase.headers, 'X-Build': markup } })
      await sandbox.fetch(`/teak/${encodeURIComponent(markup)}`)
    },
  })

  const parsed = page.getByRole('group', { name: 'Request body, parsed' })
  await parsed.getByText('<script>window.struck').waitFor()
  for (const view of ['/live/r-2', '/purchases', '/tables/teak/purchases', '/purchases/teak/purchases/123456%3Aorder-1']) {
    await go(view)
    await page.getByText('struck').first().waitFor()
  }

  expect(await page.evaluate('window.struck')).toBeUndefined()
  expect(await page.locator('main script, main img').count()).toBe(0)
})

test('sealed envelopes are opened layer by layer', async () => {
  const { page } = await open({
    view: '/live/r-1',
    before: async (sandbox) => {
      const { form } = await sandbox.receipts.ouya({ package: 'tv.ouya.sample', identifier: 'sharp_axe', username: 'player' })
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      await sandbox.fetch('/ouya/api/v1/games/tv.ouya.sample/purchases', { method: 'POST', headers, body: form })
    },
  })

  const inner = page.getByRole('group', { name: 'Request: Inner layer, opened with the key of tv.ouya.sample' })
  await inner.getByText('sharp_axe').waitFor()
  await page.getByRole('group', { name: 'Reply: Inner layer, opened with the key of tv.ouya.sample' }).getByText('Sharp Axe').waitFor()
  await page.getByRole('list', { name: 'Checks' }).getByText('both layers open').waitFor()
})

test('a fault that struck is named and linked', async () => {
  const { page } = await open({
    view: '/live/r-1',
    before: async (sandbox) => {
      await sandbox.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'drop' } })
      await sandbox.fetch(buy, teakPurchase()).catch(() => undefined)
    },
  })

  await page.getByText('No answer was given').waitFor()
  await page.getByRole('link', { name: 'f-1', exact: true }).click()

  await page.getByRole('list', { name: 'Faults in the order in which they are tried' }).getByText('applied 1 time, without end').waitFor()
})

test('a line for curl sends the same request again', async () => {
  const { page } = await open({ view: '/live/r-1', before: (sandbox) => sandbox.fetch(buy, teakPurchase({ product_name: "it's" })) })

  await page.getByRole('button', { name: 'Copy as curl' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()

  const copied = String(await page.evaluate('navigator.clipboard.readText()'))
  expect(copied).toMatch(/^curl -i 'http:\/\/127\.0\.0\.1:\d+\/teak\/v2\/purchase' -H 'content-type: application\/json' --data-raw '\{/)
  expect(copied).toContain(`it'\\''s`)
})

test('a hundred requests a second stay smooth, and never more than a page of them is drawn', async () => {
  const { page, sandbox } = await open()
  await page.getByText('Nothing has been asked yet.').waitFor()
  const workSeconds = await workOf(page)

  const began = performance.now()
  for (let number = 1; number <= 300; number++) {
    await sandbox.fetch(buy, teakPurchase({ platform_id: `order-${number}` }))
    const wait = began + number * 10 - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  }
  await page.getByText('recorded under platform_id order-300.').waitFor()

  expect(await page.locator('.requests li').count()).toBe(100)
  // Half of the three seconds at most, so that the page has time for its user.
  expect(await workSeconds()).toBeLessThan(1.5)
})

test('the page asks for the control token and goes on with it', async () => {
  const { page } = await open({ options: { controlToken: 'open sesame' }, before: purchased })

  await page.getByLabel('Control token').last().fill('wrong')
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('This sandbox was started with a control token.').waitFor()
  await page.getByLabel('Control token').last().fill('open sesame')
  await page.getByRole('button', { name: 'Go on' }).click()

  await page.getByText('Live. 1 request').waitFor()
})

/** Measures the processor time that the page takes from now on, whatever else the machine does. */
async function workOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const taken = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')!.value
  }
  const before = await taken()
  return async () => (await taken()) - before
}
