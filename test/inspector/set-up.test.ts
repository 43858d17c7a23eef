import { expect, test } from 'vitest'
import * as roster from '../../src/vendors/index.js'
import { purchased, teakPurchase, useBrowser } from './browser.js'

const open = useBrowser()
const buy = '/teak/v2/purchase'

test('switching the workspace changes everything that is shown', async () => {
  const { page, sandbox } = await open({ view: '/workspaces', before: purchased })

  await page.getByLabel('New workspace').fill('ci-7')
  await page.getByRole('button', { name: 'Make it' }).click()
  await page.getByRole('button', { name: 'Open ci-7' }).click()
  await page.getByText('Nothing has been asked yet.').waitFor()
  await sandbox.workspace('ci-7').fetch(buy, teakPurchase({ platform_id: 'only-here' }))
  await page.getByText('recorded under platform_id only-here.').waitFor()
  await page.getByRole('link', { name: 'Purchases' }).click()
  await page.getByText('1 purchase', { exact: true }).waitFor()
  expect(page.url()).toContain('in=ci-7')

  await page.getByRole('link', { name: 'Workspaces' }).click()
  await page.getByRole('button', { name: 'Delete ci-7' }).click()
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByRole('button', { name: 'Delete ci-7' }).waitFor({ state: 'detached' })
})

test('a workspace claims a credential, and one that no vendor knows is refused at its field', async () => {
  const { page, sandbox } = await open({ view: '/workspaces' })
  await page.getByRole('button', { name: 'Claims of default' }).click()

  await page.getByRole('textbox', { name: 'Credentials' }).fill('acme x')
  await page.getByRole('button', { name: 'Replace the claims' }).click()
  await page.getByRole('textbox', { name: 'Credentials' }).and(page.locator('[aria-invalid=true]')).waitFor()
  await page.getByRole('textbox', { name: 'Credentials' }).fill('teak 123456')
  await page.getByRole('button', { name: 'Replace the claims' }).click()

  await page.getByText('claims teak 123456').waitFor()
  expect(await (await sandbox.fetch('/_sandbox/workspaces/default')).json()).toMatchObject({
    credentials: [{ vendor: 'teak', value: '123456' }],
  })
})

test('a vendor shows how surely each call is known, and a request for it that works', async () => {
  const { page } = await open({ view: '/vendors' })

  await page.getByRole('link', { name: 'Teak', exact: true }).click()
  await page.getByRole('button', { name: 'More of POST /v2/purchase' }).click()
  await page.getByRole('list', { name: 'Known gaps' }).waitFor()
  expect(await page.getByLabel('curl for POST /v2/purchase').innerText()).toContain('"user_id":"player-1"')
  await page.getByRole('button', { name: 'Send it' }).click()

  await page.getByRole('region', { name: 'Request r-1' }).getByText('recorded', { exact: true }).waitFor()
})

test('the first purchase is one click away at every vendor, and can lose its answer', async () => {
  const { page, go } = await open()

  for (const { title: vendor } of Object.values(roster)) {
    await go('/vendors')
    await page.getByRole('button', { name: `Send a purchase to ${vendor}`, exact: true }).click()
    await page.locator('.why-accepted').waitFor()
  }
  await go('/vendors')
  await page.getByRole('button', { name: 'Send a purchase to Teak and lose the answer' }).click()

  await page.getByText('No answer was given').waitFor()
})

test('a workspace that does not exist yet is made from its link', async () => {
  const { page } = await open({ view: '/live?in=ghost' })

  await page.getByText('There is no workspace ghost yet.').waitFor()
  await page.getByRole('button', { name: 'Make it' }).click()

  await page.getByText('Nothing has been asked yet.').waitFor()
})

test('a device is told where to call, what to trust and whether it has called', async () => {
  const { page } = await open({ view: '/devices' })

  await page.getByText('No other machine has called yet.').waitFor()
  expect(await page.getByLabel('Lines for a hosts file').innerText()).toContain('api.gocarrot.com')
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download the certificate' }).click()

  expect((await downloading).suggestedFilename()).toBe('coinslot-ca.pem')
})

test('a state is kept, lost and brought back', async () => {
  const { page, sandbox } = await open({ view: '/state', before: purchased })

  await page.getByLabel('Name').fill('bought')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('bought').waitFor()
  await page.getByRole('button', { name: 'Reset this workspace' }).click()
  await page.getByRole('button', { name: 'Reset it' }).click()
  await page.getByText('The workspace is as it was at the start.').waitFor()
  expect(await sandbox.rows('teak', 'purchases')).toEqual([])
  await page.getByRole('button', { name: 'Restore bought' }).click()
  await page.getByRole('button', { name: 'Restore it' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  expect(await sandbox.rows('teak', 'purchases')).toHaveLength(1)
})

test('what one tester saw is saved as a session, and opened by another in a workspace', async () => {
  const { page } = await open({ view: '/state', before: purchased })

  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save session' }).click()
  const file = await (await downloading).path()
  await page.getByLabel('Session file').setInputFiles(file)
  await page.getByLabel('Workspace for it').fill('seen')
  await page.getByRole('button', { name: 'Open session' }).click()

  await page.getByText('recorded under platform_id order-1.').waitFor()
  expect(page.url()).toContain('in=seen')
})

test('a seed is loaded, and one that is wrong says where', async () => {
  const { page, sandbox } = await open({ view: '/state' })
  const seed = page.getByRole('textbox', { name: 'Seed document' })

  await seed.fill('{"teak":{"players":[{"gameId":"123456"}]}}')
  await page.getByRole('button', { name: 'Load' }).click()
  await page.getByText('/teak/players/0/userId').first().waitFor()
  await seed.fill('{"teak":{"players":[{"gameId":"123456","userId":"ann"}]}}')
  await page.getByRole('button', { name: 'Load' }).click()
  await page.getByText('Loaded 1 row of teak.players.').waitFor()

  expect(await sandbox.rows('teak', 'players')).toContainEqual({ gameId: '123456', userId: 'ann' })
})

test('a workspace says how much it was used, and when last', async () => {
  const { page, sandbox } = await open({ view: '/workspaces', before: purchased })
  const line = page.getByRole('listitem').filter({ hasText: 'ci-7' })

  await page.getByText(/^1 request, last used .* ago|just now/).waitFor()
  await page.getByLabel('New workspace').fill('ci-7')
  await page.getByRole('button', { name: 'Make it' }).click()
  await line.getByText('0 requests, not used since the start').waitFor()
  await sandbox.workspace('ci-7').fetch(buy, teakPurchase())
  await page.reload()

  await line.getByText(/^1 request, last used/).waitFor()
})
