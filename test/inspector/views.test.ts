import { expect, test } from 'vitest'
import { aReceiver } from '../support/receiver.js'
import { purchased, teakPurchase, useBrowser } from './browser.js'

const open = useBrowser()
const buy = '/teak/v2/purchase'

test('what is not ordinary stands above every view, and is undone there', async () => {
  const { page, sandbox, go } = await open({
    view: '/tables',
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.clock.advance({ duration: 'P31D' })
      await own.marketplace.down('google_play')
      await own.faults.add({ match: { vendor: 'teak' }, effect: { kind: 'drop' } })
      await own.workspace('default').fetch('/nowhere')
    },
  })
  const strip = page.getByRole('region', { name: 'Not ordinary in this workspace' })

  await strip.getByRole('button', { name: 'Real time: Clock +31 d' }).click()
  await strip.getByRole('link', { name: 'Clock +31 d' }).waitFor({ state: 'detached' })
  await strip.getByRole('button', { name: 'Switch on: Google Play cannot be reached' }).click()
  await strip.getByRole('link', { name: 'Google Play' }).waitFor({ state: 'detached' })
  await strip.getByRole('button', { name: 'Take out: 1 fault armed (f-1)' }).click()
  await strip.waitFor({ state: 'detached' })

  expect(await sandbox.faults.list()).toEqual([])
  await go('/live')
  await page.locator('.divider').getByText('clock advanced by 31 days').waitFor()
})

test('a row is changed, refused at its field, and deleted', async () => {
  const { page, sandbox } = await open({ view: '/tables/teak/purchases', before: purchased })

  await page
    .getByRole('row', { name: /order-1/ })
    .getByRole('link')
    .click()
  await page.getByRole('button', { name: 'Edit' }).click()
  await page.getByLabel('amount').fill('lots')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByLabel('amount').and(page.locator('[aria-invalid=true]')).waitFor()
  await page.getByLabel('amount').fill('7')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('cell', { name: '7', exact: true }).waitFor()
  expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ amount: 7 }])

  await page
    .getByRole('row', { name: /order-1/ })
    .getByRole('link')
    .click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('This table is empty.').waitFor()
  expect(await sandbox.rows('teak', 'purchases')).toEqual([])
})

test('a row is added by hand, and what it lacks is said at its field', async () => {
  const { page, sandbox } = await open({ view: '/tables/teak/players' })

  await page.getByRole('button', { name: 'New row' }).click()
  await page.getByLabel('gameId').fill('123456')
  await page.getByRole('button', { name: 'Add' }).click()
  await page.getByLabel('userId').and(page.locator('[aria-invalid=true]')).waitFor()
  await page.getByLabel('userId').fill('ann')
  await page.getByRole('button', { name: 'Add' }).click()

  await page.getByRole('cell', { name: 'ann' }).waitFor()
  expect(await sandbox.rows('teak', 'players')).toContainEqual({ gameId: '123456', userId: 'ann' })
})

test('a receipt is minted, tampered with, inspected and copied', async () => {
  const { page } = await open({ view: '/receipts/google_play' })

  await page.getByLabel('tamper').selectOption('signature')
  await page.getByRole('button', { name: 'Mint', exact: true }).click()
  await page.getByRole('list', { name: 'Checks' }).getByText('fails').first().waitFor()
  await page.getByRole('button', { name: 'Copy curl for gameofwhales' }).waitFor()
  await page.getByRole('list', { name: 'Vendors that take it' }).getByText('would answer 402').waitFor()
  await page.getByRole('button', { name: 'Send to Mbaasy' }).click()

  await page.getByRole('region', { name: 'Request r-1' }).getByText('invalid-signature', { exact: true }).waitFor()
})

test('every kind of receipt is minted from its form', async () => {
  const { page, go } = await open({ view: '/receipts/app_store' })
  for (const kind of ['app_store', 'samsung', 'ouya']) {
    await go(`/receipts/${kind}`)
    await page
      .getByRole('form', { name: `Mint a receipt of ${kind}` })
      .getByRole('button', { name: 'Mint', exact: true })
      .click()
    await page.getByRole('heading', { name: 'Minted' }).waitFor()
  }
  await page.getByText('As it is sent').click()
  expect(await page.getByRole('group', { name: 'Receipt' }).innerText()).toContain('form')
})

test('a pasted receipt is looked into', async () => {
  const { page, sandbox } = await open({ view: '/receipts/inspect' })
  const { unityReceipt } = await sandbox.receipts.googlePlay({ packageName: 'com.example.game', productId: 'gems.10' })

  await page.getByLabel('Receipt', { exact: true }).fill(unityReceipt)
  await page.getByRole('button', { name: 'Inspect', exact: true }).click()

  await page.getByText('A receipt of Google Play in a Unity container of GooglePlay.').waitFor()
})

test('the next call is made to fail, once, and the fault says that it struck', async () => {
  const { page, sandbox } = await open({ view: '/faults' })
  await page.getByText('No fault is armed').waitFor()
  const form = page.getByRole('form', { name: 'Make a fault' })

  await form.getByLabel('Vendor').selectOption('teak')
  await form.getByLabel('Reply').selectOption({ label: await form.getByRole('option', { name: /^429/ }).innerText() })
  await form.getByRole('button', { name: 'Make the fault' }).click()
  await page.getByText('Applied 0 of 1 time').waitFor()
  const replies = [await sandbox.fetch(buy, teakPurchase()), await sandbox.fetch(buy, teakPurchase())]

  expect(replies.map(({ status }) => status)).toEqual([429, 200])
  await page.getByRole('list', { name: 'Faults that are used up' }).waitFor()
  await page.getByRole('button', { name: 'Take out f-1' }).click()
  await page.getByText('No fault is armed').waitFor()
})

test('a fault that cannot be is refused at its field, and a ready set is made', async () => {
  const { page } = await open({ view: '/faults' })
  const form = page.getByRole('form', { name: 'Make a fault' })

  await form.getByLabel('What happens').selectOption('reply')
  await form.getByLabel('Status').fill('99')
  await form.getByRole('button', { name: 'Make the fault' }).click()
  await form.getByLabel('Status').and(page.locator('[aria-invalid=true]')).waitFor()
  await page.getByRole('button', { name: 'Make the set' }).click()

  await page.getByText('Applied 0 of 2 times').waitFor()
})

test('the clock is moved, stopped and given back', async () => {
  const { page, sandbox } = await open({ view: '/clock' })

  await page.getByRole('button', { name: '+ 1 year' }).click()
  const next = new Date().getUTCFullYear() + 1
  await page.locator('time').getByText(String(next)).waitFor()
  await page.getByRole('button', { name: 'Freeze it' }).click()
  await page.getByText('stands still').waitFor()
  expect((await sandbox.clock.get()).frozen).toBe(true)
  await page.getByLabel('Or by').fill('tomorrow')
  await page.getByRole('button', { name: 'Move on' }).click()
  await page.getByLabel('Or by').and(page.locator('[aria-invalid=true]')).waitFor()
  await page.getByRole('button', { name: 'Back to real time' }).click()

  await page.getByText(', runs').waitFor()
})

test('a store is switched off, and a vendor that asks it cannot confirm', async () => {
  const { page, sandbox } = await open({ view: '/clock' })

  await page.getByRole('switch', { name: 'Google Play' }).click()
  await page.getByText('cannot be reached').first().waitFor()

  const { purchaseData, signature } = await sandbox.receipts.googlePlay({ packageName: 'com.example.game', productId: 'gems.10' })
  const body = JSON.stringify({ purchase_data: purchaseData, purchase_signature: signature })
  const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' }
  const reply = await sandbox.fetch('/mbaasy/client/google_play/purchase_orders', { method: 'POST', headers, body })
  expect(reply.status).toBe(206)
})

test('deliveries are listed, and sent again', async () => {
  const receiver = await aReceiver()
  const { page } = await open({
    view: '/webhooks',
    before: async (own) => {
      await own.seed({ teak: { games: [{ gameId: '123456', secretKey: 'server-secret', rewardUrl: receiver.url }] } })
      const reward = { gameId: '123456', userId: 'player-1', reward: { coins: 5 } }
      await own.fetch('/_sandbox/vendors/teak/rewards', { method: 'POST', body: JSON.stringify(reward) })
      await receiver.got(1)
    },
  })
  await page.getByRole('row', { name: / 200 / }).getByRole('link').click()
  const delivery = page.getByRole('region', { name: /^Delivery of/ })
  await delivery.getByText('Caused by a timer, a store or a control call.').waitFor()

  await delivery.getByRole('button', { name: /^Send / }).click()

  await receiver.got(2)
  await delivery.locator('ol li').nth(1).waitFor()
})

test('a minted receipt is still there after it was sent, so that it can be sent once more and to another vendor', async () => {
  const { page } = await open({ view: '/receipts/google_play' })
  await page.getByLabel('productId (optional)').fill('gems.500')
  await page.getByRole('button', { name: 'Mint', exact: true }).click()
  const claimed = page.getByRole('button', { name: 'Send to Game of Whales' })
  await claimed.click()
  await page.getByRole('region', { name: 'Request r-1' }).waitFor()

  await page.goBack()

  expect(await page.getByLabel('productId (optional)').inputValue()).toBe('gems.500')
  await claimed.click()
  await page.getByRole('region', { name: 'Request r-2' }).getByText('gems.500').first().waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Send to Mbaasy' }).click()
  await page.getByRole('region', { name: 'Request r-3' }).getByText('gems.500').first().waitFor()
  const bodies = await page.evaluate(
    `Promise.all(['r-1', 'r-2'].map(async (id) => (await (await fetch('/_sandbox/traffic/' + id)).json()).body.text))`,
  )
  expect((bodies as string[])[0]).toBe((bodies as string[])[1])
})
