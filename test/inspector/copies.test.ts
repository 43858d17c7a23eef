import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { teakPurchase, useBrowser } from './browser.js'

const open = useBrowser()
const buy = '/teak/v2/purchase'

/** Copies the open request in this form. Returns what the clipboard holds then. */
async function copied(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'Replay', exact: true }).waitFor()
  await page.keyboard.press('c')
  await page.getByRole('button', { name, exact: true }).click()
  await page.getByText(`Copied as ${name}`).waitFor()
  return String(await page.evaluate('navigator.clipboard.readText()'))
}

test('a request is copied as an expectation that verify takes, as JSON and as test code', async () => {
  const { page, sandbox } = await open({ view: '/live/r-1', before: (own) => own.fetch(buy, teakPurchase()) })

  const json = await copied(page, 'verify (coinslot verify)')
  const verified = await sandbox.fetch('/_sandbox/verify', { method: 'POST', body: json })

  expect(await verified.json()).toEqual({ ok: true, count: 1, matches: ['r-1'] })
  expect(await copied(page, 'verify (test code)')).toBe(`await sandbox.verify(${json})`)
})

test.each([
  ['a body with letters of several bytes', () => teakPurchase({ user_id: 'spieler-ä-漢' })],
  ['the Host of its vendor', () => ({ ...teakPurchase({ user_id: 'player-9' }), headers: { host: 'api.gocarrot.com' } })],
  ['no body', () => ({ method: 'POST' })],
  ['the method GET', () => ({})],
])('a request with %s that is copied as HTTP gets the same reply over a bare connection', async (_what, request) => {
  const { page, sandbox } = await open({ view: '/live/r-1', before: (own) => own.fetch(buy, request()) })
  const path = async (id: string) => (await (await sandbox.fetch(`/_sandbox/traffic/${id}`)).json()) as Record<string, unknown>

  const reply = await sentBare(sandbox.url, await copied(page, 'HTTP'))

  const [first, again] = [await path('r-1'), await path('r-2')]
  const same = ['vendor', 'method', 'url', 'body', 'status', 'outcome', 'replyBody']
  expect(same.map((member) => again[member])).toEqual(same.map((member) => first[member]))
  const { text: body } = first['replyBody'] as { text: string }
  expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${String(first['status'])} `))
  expect(reply.endsWith(`\r\n\r\n${body}`)).toBe(true)
})

/** Sends these bytes and nothing else. Returns the reply up to the end of the connection. */
function sentBare(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setTimeout(5_000, () => socket.destroy(new Error('The connection stayed open.')))
  socket.write(request)
  return text(socket)
}

test('a request of an opened session is copied for the workspace that it was opened in', async () => {
  const { page, sandbox } = await open({
    before: async (own) => {
      await own.fetch(`/@ra${buy}`, teakPurchase())
      await own.fetch('/_sandbox/workspaces/rb/session', {
        method: 'PUT',
        body: await (await own.fetch('/@ra/_sandbox/session?secrets=keep')).text(),
      })
    },
  })
  await page.goto(`${sandbox.url}/@rb/_sandbox/#/live/r-1`)

  await sentBare(sandbox.url, await copied(page, 'HTTP'))

  const { entries } = (await (await sandbox.fetch('/@rb/_sandbox/traffic')).json()) as { entries: { outcome: string }[] }
  expect(entries.map(({ outcome }) => outcome)).toEqual(['repeated', 'recorded'])
})

test('the parsed body, the editor and a copied expectation have the digits that were sent', async () => {
  const body = '{"game_id":"123456","secret_key":"server-secret","user_id":76561198122624102,"amount":499}'
  const headers = { 'Content-Type': 'application/json' }
  const { page, sandbox } = await open({ view: '/live/r-1', before: (own) => own.fetch(buy, { method: 'POST', headers, body }) })

  await page.getByRole('group', { name: 'Request body, parsed' }).getByText('76561198122624102', { exact: true }).waitFor()
  const json = await copied(page, 'verify (coinslot verify)')
  await page.keyboard.press('e')

  expect(json).toContain('"user_id": 76561198122624102,')
  expect(await (await sandbox.fetch('/_sandbox/verify', { method: 'POST', body: json })).json()).toMatchObject({ ok: true })
  expect(await page.getByRole('textbox', { name: 'Body' }).inputValue()).toContain('"user_id": 76561198122624102,')
})

test('a body that is not text has no form as HTTP', async () => {
  const { page } = await open({
    view: '/live/r-1',
    before: (own) => own.fetch(buy, { method: 'POST', body: new Uint8Array([255, 254, 0, 1]) }),
  })

  await page.getByRole('button', { name: 'Replay', exact: true }).waitFor()
  await page.keyboard.press('c')

  const http = page.getByRole('button', { name: 'HTTP: the body is not text' })
  await http.waitFor()
  expect(await http.isDisabled()).toBe(true)
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

test('a pinned request stays whole when the sandbox drops it, and can be sent again', async () => {
  const { page, sandbox } = await open({
    view: '/live/r-1',
    options: { trafficLimit: 2 },
    before: (own) => own.fetch(buy, teakPurchase({ user_id: 'player-9' })),
  })
  await page.getByRole('button', { name: 'Pin', exact: true }).click()
  await page.getByRole('textbox', { name: 'Note on the pinned request' }).fill('ask the vendor')
  for (const order of ['a', 'b', 'c']) await sandbox.fetch(buy, teakPurchase({ platform_id: order }))
  expect((await sandbox.fetch('/_sandbox/traffic/r-1')).status).toBe(404)

  await page.reload()

  const detail = page.getByRole('region', { name: 'Request r-1' })
  await detail.getByText('The sandbox no longer keeps r-1.').waitFor()
  await detail.getByText(/game 123456 has no such player/).waitFor()
  await detail.getByText('"player-9"').first().waitFor()
  expect(await copied(page, 'curl')).toContain('"user_id":"player-9"')
  await page.getByRole('button', { name: 'Close r-1' }).click()
  await page.getByText('1 pinned').click()
  await page.getByRole('button', { name: 'r-1 404 unknown-player: ask the vendor' }).click()
  await page.getByRole('button', { name: 'Replay', exact: true }).click()
  await page.getByRole('region', { name: 'Request r-5' }).getByText('unknown-player', { exact: true }).waitFor()
  const { body } = (await (await sandbox.fetch('/_sandbox/traffic/r-5')).json()) as { body: { text: string } }
  expect(body.text).toBe(teakPurchase({ user_id: 'player-9' }).body)
})

test('a pinned request whose id was given to another one is not taken for it', async () => {
  const { page, sandbox } = await open({ view: '/live/r-1', before: (own) => own.fetch(buy, teakPurchase({ user_id: 'player-9' })) })
  await page.getByRole('button', { name: 'Pin', exact: true }).click()
  await page.getByText('1 pinned').waitFor()
  await page.waitForFunction(`Object.keys(sessionStorage).some((key) => key.startsWith('coinslot-pinned'))`)
  await page.goto('about:blank')
  await sandbox.close()
  const second = await createSandbox({ memory: true, port: Number(new URL(sandbox.url).port) })
  onTestFinished(() => second.close())
  await second.fetch(buy, teakPurchase())

  await page.goBack()

  const detail = page.getByRole('region', { name: 'Request r-1' })
  await detail.getByText('gave the id r-1 to another request. This is the other one.').waitFor()
  await detail.getByText('recorded', { exact: true }).first().waitFor()
  expect(await page.getByText('★').count()).toBe(0)
  await detail.getByRole('button', { name: 'Show the pinned one' }).click()
  await detail.getByText('unknown-player', { exact: true }).waitFor()
  await detail.getByRole('button', { name: 'Unpin' }).click()
  await detail.getByText('gave the id').waitFor({ state: 'detached' })
})

test('a pinned request that was dropped before the page was opened shows its note', async () => {
  const { page } = await open({
    view: '/live/r-1?pins=r-1%3Dask%2520the%2520vendor',
    options: { trafficLimit: 1 },
    before: async (own) => {
      await own.fetch(buy, teakPurchase())
      await own.fetch(buy, teakPurchase({ platform_id: 'order-2' }))
    },
  })

  await page.getByText('r-1 was pinned here, and was dropped since. This tab has no copy of it. Its note: ask the vendor').waitFor()
  await page.getByRole('button', { name: 'Unpin' }).click()
  await expect.poll(() => page.getByText('was pinned here').count()).toBe(0)
})
