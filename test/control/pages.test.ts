import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { Page } from '../../src/control/page.js'
import { echo } from '../support/echo.js'
import { aSandbox, post } from '../support/sandbox.js'

const mebibyte = 1024 * 1024
const large = 'x'.repeat(1.5 * mebibyte)

test('a page of rows ends at 8 MiB, and the pages together hold every row', async () => {
  const sandbox = await aSandbox({ roster: [echo], seedDocument: {} })
  for (let at = 0; at < 12; at++) await sandbox.control('PUT', `tables/echo/hooks/n-${at}`, { name: `n-${at}`, url: large })

  const sizes: number[] = []
  const keys: string[] = []
  for (let next: string | null = ''; next !== null;) {
    const reply = await sandbox.ask(`/_sandbox/tables/echo/hooks?limit=1000${next && `&after=${next}`}`)
    const text = await reply.text()
    const page = JSON.parse(text) as { rows: { key: string }[]; next: string | null; total: number }
    expect(page.total).toBe(12)
    sizes.push(text.length)
    keys.push(...page.rows.map(({ key }) => key))
    next = page.next
  }

  expect(keys).toEqual(Array.from({ length: 12 }, (_, at) => `n-${at}`))
  expect(sizes).toHaveLength(3)
  expect(Math.max(...sizes)).toBeLessThan(8 * mebibyte + 1000)
})

test('pages of rows that end at their limit say if more rows follow', async () => {
  const sandbox = await aSandbox({ roster: [echo], seedDocument: {} })
  for (let at = 0; at < 205; at++) await sandbox.control('PUT', `tables/echo/hooks/n-${at}`, { name: `n-${at}`, url: '' })
  const page = async (limit: number, after?: string) =>
    (await sandbox.control('GET', `tables/echo/hooks?limit=${limit}${after === undefined ? '' : `&after=${after}`}`)) as {
      rows: unknown[]
      next: string | null
    }

  for (const [limit, next] of [
    [1, 'n-0'],
    [99, 'n-98'],
    [100, 'n-99'],
    [101, 'n-100'],
    [204, 'n-203'],
    [205, null],
    [206, null],
  ] as const) {
    const { rows, next: found } = await page(limit)
    expect([limit, rows.length, found]).toEqual([limit, Math.min(limit, 205), next])
  }
  expect(await page(5, 'n-199')).toMatchObject({ next: null })
  expect(await page(5, 'n-204')).toEqual({ rows: [], total: 205, next: null })
})

test('a page of traffic ends at 8 MiB, and the test API reads all pages', async () => {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  const body = JSON.stringify({ game_id: '123456', note: large })
  for (let at = 0; at < 6; at++)
    await sandbox.fetch('/teak/v2/purchase', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })

  const text = await (await sandbox.fetch('/_sandbox/traffic')).text()
  const { entries, total } = JSON.parse(text) as { entries: unknown[]; total: number }
  const all = await sandbox.traffic()
  const some = await sandbox.traffic({ limit: 4 })
  await sandbox.close()

  expect(total).toBe(6)
  expect(entries.length).toBeGreaterThan(0)
  expect(entries.length).toBeLessThan(6)
  expect(text.length).toBeLessThan(8 * mebibyte + 1000)
  expect(all.map(({ id }) => id)).toEqual(['r-6', 'r-5', 'r-4', 'r-3', 'r-2', 'r-1'])
  expect(some.map(({ id }) => id)).toEqual(['r-6', 'r-5', 'r-4', 'r-3'])
})

test('a page of webhooks ends at 8 MiB, and the test API reads all pages', async () => {
  const sandbox = await createSandbox({ memory: true, port: 0 })
  onTestFinished(() => sandbox.close())
  const game = { gameId: '123456', secretKey: 'server-secret', apiKey: 'k', rewardUrl: 'http://127.0.0.1:9/' }
  await sandbox.seed({ teak: { games: [game], players: [{ gameId: '123456', userId: 'ann' }] } })
  for (let at = 0; at < 12; at++)
    await sandbox.fetch('/_sandbox/vendors/teak/rewards', post({ gameId: '123456', userId: 'ann', reward: { [large]: 1 } }))

  const pages: { ids: string[]; bytes: number }[] = []
  for (let next: string | null = ''; next !== null;) {
    const text = await (await sandbox.fetch(`/_sandbox/webhooks${next && `?after=${next}`}`)).text()
    const page = JSON.parse(text) as { deliveries: { id: string }[]; total: number; next: string | null }
    expect(page.total).toBe(12)
    pages.push({ ids: page.deliveries.map(({ id }) => id), bytes: text.length })
    next = page.next
  }
  const ids = pages.flatMap((page) => page.ids)

  expect(new Set(ids).size).toBe(12)
  expect(pages.length).toBeGreaterThan(1)
  expect(Math.max(...pages.map(({ bytes }) => bytes))).toBeLessThan(8 * mebibyte + 1000)
  expect((await sandbox.webhooks()).map(({ id }) => id)).toEqual(ids)
})

test('pages of webhooks end at their limit, and one after an unknown delivery is refused', async () => {
  const sandbox = await aSandbox({ roster: [echo], seedDocument: { echo: { hooks: [{ name: 'h', url: 'http://127.0.0.1:9/' }] } } })
  for (const id of ['a', 'b', 'c']) await sandbox.ask('/echo/echo', post({ id }))
  const page = (query: string) =>
    sandbox.control('GET', `webhooks${query}`) as Promise<{ deliveries: { id: string }[]; total: number; next: string | null }>
  const [a, b, c] = (await page('')).deliveries.map(({ id }) => id)

  expect(await page('?limit=2')).toMatchObject({ deliveries: [{ id: a }, { id: b }], total: 3, next: b })
  expect(await page(`?limit=2&after=${b}`)).toMatchObject({ deliveries: [{ id: c }], total: 3, next: null })
  expect((await sandbox.ask('/_sandbox/webhooks?after=d-nothing')).status).toBe(404)
  expect((await sandbox.ask('/_sandbox/webhooks?limit=0')).status).toBe(422)
})

test('a value larger than a page is a page of its own', () => {
  const page = new Page(10)

  expect(page.add('x'.repeat(9 * mebibyte))).toBe(true)
  expect(page.add('y')).toBe(false)
  expect(page.length).toBe(1)
})

test('a page of purchases ends at 8 MiB', async () => {
  const sandbox = await aSandbox()
  for (let at = 0; at < 8; at++) {
    const sent = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 1, platform_id: `${at}${large}` }
    await sandbox.ask('/teak/v2/purchase', post(sent))
  }

  const text = await (await sandbox.ask('/_sandbox/purchases')).text()

  expect(text.length).toBeLessThan(8 * mebibyte + 1000)
  expect((JSON.parse(text) as { total: number }).total).toBe(8)
})
