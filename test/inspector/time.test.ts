import { expect, test } from 'vitest'
import { aReceiver } from '../support/receiver.js'
import { useBrowser } from './browser.js'

const open = useBrowser()

test('sending failing webhooks again says what came of it, with a link to the new attempt', async () => {
  const receiver = await aReceiver((_call, response, number) => void response.writeHead(number < 3 ? 500 : 200).end('TEAKOK'))
  const { page, sandbox } = await open({
    view: '/tables',
    before: async (own) => {
      await own.seed({ teak: { games: [{ gameId: '123456', secretKey: 'server-secret', rewardUrl: receiver.url }] } })
      const reward = { gameId: '123456', userId: 'player-1', reward: { coins: 5 } }
      await own.fetch('/_sandbox/vendors/teak/rewards', { method: 'POST', body: JSON.stringify(reward) })
      await expect.poll(async () => (await own.webhooks())[0]?.attempts).toBe(1)
    },
  })
  const said = page.locator('.strip-said')
  const again = page.getByRole('button', { name: 'Send again: 1 webhook failing' })

  await again.click()
  await said.getByText('reward was sent again: not received, 500.').waitFor()
  expect(await said.getAttribute('role')).toBe('status')
  await again.click()
  await said.getByText('reward was sent again: received, 200.').waitFor()
  await said.getByRole('link', { name: 'Attempt 3' }).click()

  await page.getByRole('region', { name: 'Delivery of reward' }).locator('ol li').nth(2).getByText('200').waitFor()
  expect(await sandbox.webhooks()).toMatchObject([{ status: 'delivered' }])
  await page.getByRole('button', { name: 'Dismiss the message' }).click()
  await said.getByText('sent again').waitFor({ state: 'detached' })
})

test('an attempt that waits for a frozen clock says so, and the clock is moved on to it', async () => {
  const receiver = await aReceiver((_call, response, number) => void response.end(number < 2 ? 'thanks' : 'TEAKOK'))
  const { page, sandbox } = await open({
    view: '/webhooks',
    before: async (own) => {
      await own.seed({ teak: { games: [{ gameId: '123456', secretKey: 'server-secret', rewardUrl: receiver.url }] } })
      await own.clock.freeze('2030-01-01T00:00:00.000Z')
      const reward = { gameId: '123456', userId: 'player-1', reward: { coins: 5 } }
      await own.fetch('/_sandbox/vendors/teak/rewards', { method: 'POST', body: JSON.stringify(reward) })
      await expect.poll(async () => (await own.webhooks())[0]?.attempts).toBe(1)
    },
  })
  const row = page.getByRole('row', { name: /waits for the clock/ })

  await row.getByRole('link').click()
  const delivery = page.getByRole('region', { name: 'Delivery of reward' })
  await delivery.getByText(/The clock stands still at .*, so it waits until the clock moves 1 min on\./).waitFor()
  // Teak wants a word in the answer.
  await delivery.getByText('Teak does not take it as received').waitFor()
  await delivery.getByRole('button', { name: 'Move the clock on to it' }).click()

  await delivery.getByText('delivered').waitFor()
  expect(await sandbox.clock.get()).toEqual({ now: '2030-01-01T00:01:00.000Z', frozen: true })
})

test('moving the clock on lists what fell due', async () => {
  const { page } = await open({
    view: '/clock',
    before: async (own) => {
      await own.fetch('/_sandbox/upstreams/samsung/purchases/p-1/purchase', {
        method: 'POST',
        body: JSON.stringify({ app: 'com.example.game', productId: 'club.monthly', type: 'subscription', period: 'P1M' }),
      })
    },
  })

  await page.getByRole('button', { name: '+ 1 minute' }).click()
  await page.getByText('Nothing fell due.').waitFor()
  await page.getByRole('button', { name: '+ 1 month' }).click()

  await page.getByText('1 event fell due:').waitFor()
  await page.getByRole('listitem').filter({ hasText: 'Samsung Galaxy Store: club.monthly renewed' }).waitFor()
})
