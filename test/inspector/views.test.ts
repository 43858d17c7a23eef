import { expect, test } from 'vitest'
import { aReceiver } from '../support/receiver.js'
import { purchased, teakPurchase, useBrowser } from './browser.js'

const open = useBrowser()
const buy = '/teak/v2/purchase'

test('purchases of all vendors stand on one timeline, and each tells its story in lanes', async () => {
  const { page } = await open({
    view: '/purchases',
    before: async (sandbox) => {
      await sandbox.fetch(buy, teakPurchase({ product_name: 'Gems' }))
      await sandbox.fetch(buy, teakPurchase({ product_name: 'Gems' }))
      const { form } = await sandbox.receipts.ouya({ package: 'tv.ouya.sample', identifier: 'sharp_axe', username: 'player' })
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      await sandbox.fetch('/ouya/api/v1/games/tv.ouya.sample/purchases', { method: 'POST', headers, body: form })
    },
  })
  await page.getByRole('link', { name: 'ouya sharp_axe' }).waitFor()

  await page.getByRole('link', { name: 'teak Gems' }).click()

  await page.getByRole('img', { name: 'Diagram of 4 events in the lanes Game, Vendor, Store, Webhook' }).waitFor()
  expect(await page.locator('.events li').allInnerTexts()).toEqual([
    expect.stringContaining('POST /v2/purchase'),
    expect.stringContaining('200 recorded'),
    expect.stringContaining('POST /v2/purchase'),
    expect.stringContaining('200 repeated'),
  ])
})

test('a row is changed, refused at its field, and deleted', async () => {
  const { page, sandbox } = await open({ view: '/tables/teak/purchases', before: purchased })

  await page.getByRole('link', { name: '123456' }).click()
  await page.getByLabel('amount').fill('lots')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByLabel('amount').and(page.locator('[aria-invalid=true]')).waitFor()
  await page.getByLabel('amount').fill('7')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('cell', { name: '7', exact: true }).waitFor()
  expect(await sandbox.rows('teak', 'purchases')).toMatchObject([{ amount: 7 }])

  await page.getByRole('link', { name: '123456' }).click()
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
  await page.getByRole('button', { name: 'Inspect' }).click()
  await page.getByRole('list', { name: 'Checks' }).getByText('fails').first().waitFor()
  await page.getByRole('button', { name: 'Hand it to a vendor…' }).click()
  await page.getByRole('button', { name: 'Copy curl for gameofwhales' }).waitFor()
  await page.getByRole('button', { name: 'Send to mbaasy' }).click()

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
  expect(await page.getByRole('group', { name: 'Receipt' }).innerText()).toContain('form')
})

test('a pasted receipt is looked into', async () => {
  const { page, sandbox } = await open({ view: '/receipts/inspect' })
  const { unityReceipt } = await sandbox.receipts.googlePlay({ packageName: 'com.example.game', productId: 'gems.10' })

  await page.getByLabel('Receipt', { exact: true }).fill(unityReceipt)
  await page.getByRole('button', { name: 'Inspect', exact: true }).click()

  await page.getByText('A receipt of google_play in a Unity container of GooglePlay.').waitFor()
})

test('the next call is made to fail, once, and the fault says that it struck', async () => {
  const { page, sandbox } = await open({ view: '/faults' })
  await page.getByText('No fault is in force').waitFor()
  const form = page.getByRole('form', { name: 'Make a fault' })

  await form.getByLabel('Vendor').selectOption('teak')
  await form.getByLabel('Reply').selectOption({ label: await form.getByRole('option', { name: /^429/ }).innerText() })
  await form.getByRole('button', { name: 'Make the fault' }).click()
  await page.getByText('applied 0 of 1 time').waitFor()
  const replies = [await sandbox.fetch(buy, teakPurchase()), await sandbox.fetch(buy, teakPurchase())]

  expect(replies.map(({ status }) => status)).toEqual([429, 200])
  await page.getByText('used up').waitFor()
  await page.getByRole('button', { name: 'Take out f-1' }).click()
  await page.getByText('No fault is in force').waitFor()
})

test('a fault that cannot be is refused at its field, and a ready set is made', async () => {
  const { page } = await open({ view: '/faults' })
  const form = page.getByRole('form', { name: 'Make a fault' })

  await form.getByLabel('What happens').selectOption('reply')
  await form.getByLabel('Status').fill('99')
  await form.getByRole('button', { name: 'Make the fault' }).click()
  await form.getByLabel('Status').and(page.locator('[aria-invalid=true]')).waitFor()
  await page.getByRole('button', { name: 'Make the set' }).click()

  await page.getByText('applied 0 of 2 times').waitFor()
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

  await page.getByRole('switch', { name: 'google_play' }).click()
  await page.getByText('cannot be reached').waitFor()

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
    before: async (sandbox) => {
      await sandbox.seed({ teak: { games: [{ gameId: '123456', secretKey: 'server-secret', rewardUrl: receiver.url }] } })
      const reward = { gameId: '123456', userId: 'player-1', reward: { coins: 5 } }
      await sandbox.fetch('/_sandbox/vendors/teak/rewards', { method: 'POST', body: JSON.stringify(reward) })
      await receiver.got(1)
    },
  })
  await page.getByText('last answered 200').waitFor()

  await page.getByRole('button', { name: /^Send again: / }).click()

  await receiver.got(2)
  await page.getByText('2 attempts').waitFor()
})
