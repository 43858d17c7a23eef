import { expect, test } from 'vitest'
import { teakPurchase, useBrowser } from './browser.js'

const open = useBrowser()
const buy = '/teak/v2/purchase'

test('a request is copied as an expectation that verify takes, as JSON and as test code', async () => {
  const { page, sandbox } = await open({ view: '/live/r-1', before: (own) => own.fetch(buy, teakPurchase()) })
  const copied = async (name: string) => {
    await page.getByRole('button', { name: 'Replay', exact: true }).waitFor()
    await page.keyboard.press('c')
    await page.getByRole('button', { name, exact: true }).click()
    await page.getByText(`Copied as ${name}`).waitFor()
    return String(await page.evaluate('navigator.clipboard.readText()'))
  }

  const json = await copied('verify (coinslot verify)')
  const verified = await sandbox.fetch('/_sandbox/verify', { method: 'POST', body: json })

  expect(await verified.json()).toEqual({ ok: true, count: 1, matches: ['r-1'] })
  expect(await copied('verify (test code)')).toBe(`await sandbox.verify(${json})`)
})

test('a refusal that wrote no rows says so, and the purchase that it names is another request’s', async () => {
  const { page } = await open({
    view: '/live/r-2',
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ user_id: 'player-9' }))
    },
  })

  const detail = page.getByRole('region', { name: 'Request r-2' })
  await detail.getByText('This request names it and did not write it; it was recorded by r-1.').waitFor()
  await page.keyboard.press('c')
  const seed = page.getByRole('button', { name: 'seed rows: the request wrote no rows' })
  await seed.waitFor()
  expect(await seed.isDisabled()).toBe(true)
})

test('a pinned request that was dropped shows its note', async () => {
  const { page } = await open({
    view: '/live/r-1?pins=r-1%3Dask%2520the%2520vendor',
    options: { trafficLimit: 1 },
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ platform_id: 'order-2' }))
    },
  })

  await page.getByText('r-1 was pinned here, and was dropped since. Its note: ask the vendor').waitFor()
  await page.getByRole('button', { name: 'Unpin' }).click()
  await expect.poll(() => page.getByText('was pinned here').count()).toBe(0)
})
