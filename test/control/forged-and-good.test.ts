import { expect, test } from 'vitest'
import { signedOrderExample } from '../../src/vendors/mbaasy/examples.js'
import { aSandbox, post } from '../support/sandbox.js'

test('a forged upload and a good one of the same token are two purchases', async () => {
  const sandbox = await aSandbox()
  const upload = (data: string) =>
    sandbox.ask(
      '/mbaasy/client/google_play/purchase_orders',
      post({ ...signedOrderExample, purchase_data: data }, { Authorization: 'Bearer test-token' }),
    )
  const { purchase_data: data } = signedOrderExample
  const forged = await upload(data.replace('premium.1month', 'premium.2month'))
  const good = await upload(data)

  const { purchases } = (await sandbox.control('GET', 'purchases?vendor=mbaasy')) as {
    purchases: { state: string; entry: string | null }[]
  }

  const idOf = (reply: Response) => reply.headers.get('x-sandbox-request')
  expect([forged.status, good.status]).toEqual([402, 200])
  expect(purchases.map(({ state, entry }) => [state, entry]).toSorted(([a], [b]) => a!.localeCompare(b!))).toEqual([
    ['active', idOf(good)],
    ['forged', idOf(forged)],
  ])
})
