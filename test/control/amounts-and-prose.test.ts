import { expect, test } from 'vitest'
import { aSandbox, post } from '../support/sandbox.js'

test('a refused price that is not a number is no amount in the list of requests, at any vendor', async () => {
  const sandbox = await aSandbox()
  for (const id of ['teak', 'kakao']) {
    const { path, headers, body } = (await sandbox.control('POST', `vendors/${id}/purchase`)) as Sent
    const members = { ...(JSON.parse(body) as object), ...(id === 'teak' ? { amount: 'twelve' } : { price: 'twelve' }) }
    await sandbox.ask(`/${id}${path}`, post(members, headers))
  }

  const { entries } = (await sandbox.control('GET', 'traffic?brief=true')) as { entries: { verdict: string; amount: string | null }[] }

  expect(entries.map(({ verdict, amount }) => [verdict, amount])).toEqual([
    ['refused', null],
    ['refused', null],
  ])
})

test('words that are no receipt are said to be of an unknown kind', async () => {
  const sandbox = await aSandbox()

  const { format, checks } = (await sandbox.control('POST', 'receipts/inspect', { receipt: 'garbage not a receipt' })) as {
    format: string
    checks: { detail: string }[]
  }

  expect(format).toBe('unknown')
  expect(checks[0]!.detail).toContain('the kind of the receipt is unknown')
  expect(checks[0]!.detail).not.toContain('"+"')
})

interface Sent {
  path: string
  headers: Record<string, string>
  body: string
}
