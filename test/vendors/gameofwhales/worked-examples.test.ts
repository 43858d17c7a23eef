import { expect, test } from 'vitest'
import { exchangesOf } from '../../support/exchanges.js'
import { aSandbox } from '../../support/sandbox.js'

const { request } = exchangesOf('gameofwhales').find(({ file }) => file === 'receipt-2.0.0.json')!

test.each(['$YOUR_GAME_KEY', 'sandbox-game'])(
  'the vendor’s example ends at revenue 3, in group b, legal, with game key %s',
  async (game) => {
    const sandbox = await aSandbox()
    const body = request.body.replace('$YOUR_GAME_KEY', () => game)
    const answer = await sandbox.ask('https://api.gameofwhales.com:8488/receipt', { method: 'POST', headers: request.headers, body })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      receipts: [{ transaction: '1000000357435566', verifyState: 'legal' }],
      properties: { user: '3A15982E-C4CB-0000-0000-D88861BA0C49', group: 'b', revenue: 3 },
      experiment: { id: '5d2effe09236b00e38e34c3b', key: 'exp_cr', groupKey: 'B' },
    })
  },
)

test('the media type is sent twice by the vendor’s curl lines, which changes nothing', async () => {
  const sandbox = await aSandbox()
  const headers = new Headers(request.headers)
  headers.append('Content-Type', 'application/json')
  const answer = await sandbox.ask('/gameofwhales/receipt', { method: 'POST', headers, body: request.body })
  expect(answer.status).toBe(200)
})
