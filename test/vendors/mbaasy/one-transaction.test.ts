import { expect, test, vi } from 'vitest'
import { Workspace } from '../../../src/workspace/workspace.js'
import { aShop, orders, receipts, signedOrder, signedReceipt } from './uploads.js'

const family = '0c7be0a2-6d0e-4f6b-8a5b-2f1f7d1c9e01'

test.each<[string, string, () => object]>([
  ['a signed order', orders, () => signedOrder()],
  ['a legacy order', `${orders}/legacy`, () => ({ package_name: 'com.example.game', purchase_token: 't', product_id: 'p' })],
  ['an App Store receipt', receipts, () => signedReceipt().body],
])('%s is taken in one transaction, so that a family dropped right after any of them gets nothing more', async (_what, path, body) => {
  const shop = await aShop()
  const upload = body()
  const transact = Workspace.prototype.transact
  let transactions = 0
  let kept: unknown
  const spy = vi.spyOn(Workspace.prototype, 'transact').mockImplementation(async function (this: Workspace, work) {
    const committed = await transact.call(this, work)
    if (++transactions === 1) {
      await transact.call(this, (rows) => rows.delete('mbaasy.appFamilies', family))
      kept = await transact.call(this, (rows) => rows.get('mbaasy.appFamilies', family))
    }
    return committed
  })

  const { status } = await shop.upload(upload, path)
  spy.mockRestore()

  expect([status, transactions, kept]).toEqual([200, 1, { value: undefined, changes: [] }])
})
