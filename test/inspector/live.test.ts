import { expect, test } from 'vitest'
import { purchased, teakPurchase, useBrowser } from './browser.js'
import { forgedForEveryVendor } from './full-sandbox.js'

const open = useBrowser()
const buy = '/teak/v2/purchase'

test('a request appears while the page is open', async () => {
  const { page, sandbox } = await open()
  await page.getByText('Nothing has been asked yet.').waitFor()

  await sandbox.fetch(buy, teakPurchase())

  const line = page.locator('.requests li').first()
  await line.getByText('Player player-1 spent $4.99').waitFor()
  expect(await line.innerText()).toMatch(/r-1\s[\s\S]*200\s+recorded/)
})

test('a refused request says why, and what its rule would have accepted', async () => {
  const { page } = await open({
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ user_id: 'player-9', platform_id: 'order-2' }))
    },
  })

  await page.locator('.requests').getByText('unknown-player').click()

  const detail = page.getByRole('region', { name: 'Request r-2' })
  await detail.getByText('user_id is "player-9"; game 123456 has no such player.').waitFor()
  const atFault = detail.getByRole('group', { name: 'Members at fault' })
  await atFault.getByRole('row', { name: 'body › user_id "player-9" "player-1"' }).waitFor()
  // The refusal has nothing to do with the other order id.
  expect(await atFault.getByText('platform_id').count()).toBe(0)
})

test('a difference of type alone is shown as one', async () => {
  const { page } = await open({
    view: '/live/r-2?with=r-1',
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ amount: '499' }))
    },
  })

  const compared = page.getByRole('region', { name: 'Compare' })
  await compared.getByRole('row', { name: 'body › amount "499" string instead of number 499' }).waitFor()
})

test('a request that a fault answered has nothing to change', async () => {
  const { page } = await open({
    view: '/live/r-2',
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'reply', status: 503 }, times: 1 })
      await own.fetch(buy, teakPurchase({ platform_id: 'order-2' }))
    },
  })

  const detail = page.getByRole('region', { name: 'Request r-2' })
  await detail.getByText('Nothing in this request is known to be wrong').waitFor()
  expect(await detail.getByRole('group', { name: 'Members at fault' }).count()).toBe(0)
  await detail.getByRole('button', { name: 'Take f-1 out and replay' }).click()

  await page.getByRole('region', { name: 'Request r-3' }).getByText('recorded', { exact: true }).waitFor()
})

test('a forged receipt that was answered 200 is marked as refused, and a new one is a click away', async () => {
  const { page } = await open({ before: forgedForEveryVendor })

  await page.getByRole('link', { name: /^refused/ }).click()
  const line = page.locator('.requests li', { hasText: 'illegal' })
  expect(await line.innerText()).toMatch(/refused\s+200/)
  await line.click()
  await page.locator('.why-refused').waitFor()
  await page.getByText('What would have been accepted').waitFor()

  await page
    .getByRole('region', { name: /Request/ })
    .getByText(/signature/)
    .first()
    .waitFor()
})

test('a request is sent again, as it was and changed beside its reason', async () => {
  const { page, sandbox } = await open({
    view: '/live/r-1',
    before: (own) => own.fetch(buy, teakPurchase({ user_id: 'player-9' })),
  })

  await page.getByRole('button', { name: 'Replay', exact: true }).click()
  await page.getByRole('region', { name: 'Request r-2' }).getByText('unknown-player', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Edit and replay' }).click()
  await page.getByRole('button', { name: 'Take body › user_id "player-1"' }).click()
  await page.getByRole('list', { name: 'Changes' }).getByText('"player-1"').waitFor()
  await page.getByText('game 123456 has no such player').first().waitFor()
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByRole('region', { name: 'Request r-3' }).getByText('recorded', { exact: true }).waitFor()

  expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ platformId: 'order-1', userId: 'player-1' }])
})

test('where a rule has only words, the value of an accepted request is taken', async () => {
  const { page, sandbox } = await open({
    view: '/live/r-2',
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ amount: '4.99', platform_id: 'order-2' }))
    },
  })

  await page.getByRole('button', { name: 'Edit and replay' }).click()
  await page.getByRole('button', { name: 'Take body › amount 499 of r-1' }).click()
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByRole('region', { name: 'Request r-3' }).getByText('recorded', { exact: true }).waitFor()

  expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ platformId: 'order-1' }, { platformId: 'order-2', amount: 499 }])
})

test('markup in a request is shown as text, wherever it stands', async () => {
  const markup = '<script>window.struck = true</script><img src=x onerror="window.struck = true">'
  const { page, go } = await open({
    view: '/live/r-1',
    before: async (own) => {
      const purchase = teakPurchase({ product_name: markup, user_id: 'player-1' })
      await own.fetch(`${buy}?q=${encodeURIComponent(markup)}`, { ...purchase, headers: { ...purchase.headers, 'X-Build': markup } })
      await own.fetch(`/teak/${encodeURIComponent(markup)}`)
    },
  })

  const parsed = page.getByRole('group', { name: 'Request body, parsed' })
  await parsed.getByText('<script>window.struck').waitFor()
  for (const view of ['/live/r-2', '/purchases', '/tables/teak/purchases', '/purchases/teak/purchases/123456%3Aorder-1']) {
    await go(view)
    await page.getByText('struck').filter({ visible: true }).first().waitFor()
  }

  expect(await page.evaluate('window.struck')).toBeUndefined()
  expect(await page.locator('main script, main img').count()).toBe(0)
})

test('sealed envelopes are opened layer by layer', async () => {
  const { page } = await open({
    view: '/live/r-1',
    before: async (own) => {
      const { form } = await own.receipts.ouya({ package: 'tv.ouya.sample', identifier: 'sharp_axe', username: 'player' })
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      await own.fetch('/ouya/api/v1/games/tv.ouya.sample/purchases', { method: 'POST', headers, body: form })
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
    before: async (own) => {
      await own.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'drop' } })
      await own.fetch(buy, teakPurchase()).catch(() => undefined)
    },
  })

  await page.getByText('No answer was given').waitFor()
  await page.getByRole('link', { name: 'f-1', exact: true }).first().click()

  await page
    .getByRole('list', { name: 'Faults in the order in which they are tried' })
    .getByText('Applied 1 time, matched 1 request.')
    .waitFor()
})

test('a line for curl sends the same request again', async () => {
  const { page } = await open({ view: '/live/r-1', before: (own) => own.fetch(buy, teakPurchase({ product_name: "it's" })) })

  await page.getByRole('button', { name: 'Replay', exact: true }).waitFor()
  await page.keyboard.press('c')
  await page.getByRole('button', { name: 'curl', exact: true }).click()
  await page.getByText('Copied as curl').waitFor()

  const copied = String(await page.evaluate('navigator.clipboard.readText()'))
  expect(copied).toMatch(/^curl -i 'http:\/\/127\.0\.0\.1:\d+\/teak\/v2\/purchase' -H 'content-type: application\/json' --data-raw '\{/)
  expect(copied).toContain(`it'\\''s`)
  // The choice closed the menu, so the key opens it again.
  await page.keyboard.press('c')
  await page.getByRole('button', { name: 'fixture', exact: true }).click()
  await page.getByText('Copied as fixture').waitFor()
})

test('the page asks for the control token and goes on with it', async () => {
  const { page } = await open({ options: { controlToken: 'open sesame' }, before: purchased })

  await page.getByLabel('Control token').last().fill('wrong')
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('That token was refused.').waitFor()
  await page.getByLabel('Control token').last().fill('open sesame')
  await page.getByRole('button', { name: 'Go on' }).click()

  await page.getByText('1 request kept').waitFor()
})
