import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'

interface Exchange {
  source: string
  request: { method: string; path: string; headers: Record<string, string>; body?: string }
  reply: { status: number; headers: Record<string, string>; body: Record<string, unknown> }
}

const folder = new URL('../../../fixtures/gameofwhales/exchanges/', import.meta.url)
const exchanges = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Exchange)

test.each(exchanges)('$source', async ({ request, reply }) => {
  const sandbox = await aSandbox()
  const { path, body, ...init } = request
  const answer = await sandbox.ask(`https://api.gameofwhales.com:8488${path}`, { ...init, ...(body !== undefined && { body }) })
  expect(answer.status).toBe(reply.status)
  expect(Object.fromEntries(answer.headers)).toMatchObject(lowerCase(reply.headers))
  expect(withoutMoment((await answer.json()) as Exchange['reply']['body'])).toEqual(withoutMoment(reply.body))
})

test('the example of the vendor’s page ends at revenue 3, in group b, legal, also where a shell has not seen the key', async () => {
  const { request } = exchanges.find(({ reply }) => 'experiment' in reply.body)!
  for (const game of ['$YOUR_GAME_KEY', 'sandbox-game']) {
    const sandbox = await aSandbox()
    const body = request.body!.replace('$YOUR_GAME_KEY', () => game)
    const answer = await sandbox.ask('/gameofwhales/receipt', { method: 'POST', headers: request.headers, body })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      receipts: [{ transaction: '1000000357435566', verifyState: 'legal' }],
      properties: { user: '3A15982E-C4CB-0000-0000-D88861BA0C49', group: 'b', revenue: 3 },
      experiment: { id: '5d2effe09236b00e38e34c3b', key: 'exp_cr', groupKey: 'B' },
    })
  }
})

test('the media type is sent twice by the vendor’s curl lines, which changes nothing', async () => {
  const { request } = exchanges.find(({ reply }) => 'experiment' in reply.body)!
  const sandbox = await aSandbox()
  const headers = new Headers(request.headers)
  headers.append('Content-Type', 'application/json')
  expect((await sandbox.ask('/gameofwhales/receipt', { method: 'POST', headers, body: request.body! })).status).toBe(200)
})

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** The page's server time is of its day, and its signature is cut. */
function withoutMoment(body: Record<string, unknown>): unknown {
  const at = 'serverTime' in body && { serverTime: expect.any(Number) }
  const experiment = 'experiment' in body && { experiment: { ...(body['experiment'] as object), signature: expect.any(String) } }
  return { ...body, ...at, ...experiment }
}
