import { expect, test } from 'vitest'
import { gameofwhales } from '../../../src/vendors/gameofwhales/index.js'
import type { PresentedReceipt, Scope } from '../../../src/contract.js'
import { vendorTablesOf, WorkspaceScope } from '../../../src/workspace/scope.js'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'
import { appStoreReceipt, googlePlayContainer, googlePlayPurchase, samsungContainer, seed } from './calls.js'

async function judge(sandbox: TestSandbox, receipt: PresentedReceipt): Promise<string | undefined> {
  const { space } = await sandbox.context.workspaces.open('default')
  const parts = { id: gameofwhales.id, tables: vendorTablesOf(gameofwhales.id, gameofwhales.tables), followers: [] }
  const scope: Scope = new WorkspaceScope(parts, space, await space.setting(), sandbox.context.keys)
  return gameofwhales.judge?.(scope, receipt)
}

const googlePlay = (tamper?: 'signature'): PresentedReceipt => ({
  format: 'google_play',
  ...googlePlayPurchase({ ...(tamper && { tamper }) }),
})

test('a receipt is judged as receipt would judge it', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, {}, { marketplace: { purchases: [{ store: 'samsung', token: 'sam-1', paymentId: 'TP-1' }] } })
  expect(await judge(sandbox, googlePlay())).toBe('legal')
  expect(await judge(sandbox, googlePlay('signature'))).toBe('illegal')
  expect(await judge(sandbox, { format: 'app_store', receipt: appStoreReceipt() })).toBe('legal')
  expect(await judge(sandbox, { format: 'app_store', receipt: appStoreReceipt({ tamper: 'key' }) })).toBe('illegal')
  expect(await judge(sandbox, { format: 'samsung', purchaseId: 'sam-1' })).toBe('legal')
  expect(await judge(sandbox, { format: 'samsung', purchaseId: 'sam-1', paymentId: 'TP-2' })).toBe('illegal')
  expect(await judge(sandbox, { format: 'samsung', purchaseId: 'sam-2', paymentId: 'TP-1' })).toBe('illegal')
})

test('a container is judged by what is in it', async () => {
  const sandbox = await aSandbox()
  expect(await judge(sandbox, { format: 'unity', container: googlePlayContainer() })).toBe('legal')
  expect(await judge(sandbox, { format: 'unity', container: samsungContainer('sam-9', 'TP-9') })).toBe('illegal')
  expect(await judge(sandbox, { format: 'unity', container: '{"Store":"fake"}' })).toBe('undefined')
  expect(await judge(sandbox, { format: 'unity', container: 'garbage' })).toBe('undefined')
})

test('a text around a container is judged as it stands', async () => {
  const sandbox = await aSandbox()
  const contents = { format: 'unity', container: googlePlayContainer() } as const
  const wrapped = (text: string) => judge(sandbox, { format: 'wrapped', text, contents })
  expect(await wrapped(JSON.stringify(contents.container))).toBe('undefined')
  expect(await wrapped(`\ufeff${contents.container}`)).toBe('undefined')
  expect(await wrapped(JSON.stringify({ receipt: contents.container }))).toBe('illegal')
})

test.each([
  ['of its container', 'GPA.1'],
  ['of its order', 'GPA.2'],
  ['of its purchase token', 'token'],
])('a receipt that was recorded under the id %s is double, an illegal one stays illegal', async (_, transactionId) => {
  const sandbox = await aSandbox()
  const purchase = { game: 'sandbox-game', id: 'p-1', user: 'ann', verifyState: 'legal', price: 1, currency: 'EUR', transactionId }
  await seed(sandbox, { purchases: [purchase] })
  const container = (tamper?: 'data') => googlePlayContainer({ orderId: 'GPA.2', purchaseToken: 'token', ...(tamper && { tamper }) })
  expect(await judge(sandbox, { format: 'unity', container: container() })).toBe('double')
  expect(await judge(sandbox, { format: 'unity', container: container('data') })).toBe('illegal')
  expect(await judge(sandbox, { format: 'app_store', receipt: appStoreReceipt() })).toBe('legal')
})

test('a game that does not verify answers bypass, also for a receipt that is recorded', async () => {
  const purchases = [{ game: 'g', id: 'p', user: 'ann', transactionId: 'app-1', verifyState: 'legal', price: 1, currency: 'EUR' }]
  const sandbox = await aSandbox({ seedDocument: { gameofwhales: { games: [{ game: 'g', verify: false }], purchases } } })
  expect(await judge(sandbox, { format: 'app_store', receipt: appStoreReceipt() })).toBe('bypass')
})

test('nothing can be determined without games, and an OUYA form is no receipt here', async () => {
  const sandbox = await aSandbox({ seedDocument: {} })
  expect(await judge(sandbox, googlePlay())).toBe('undefined')
  expect(await judge(sandbox, { format: 'ouya', form: 'blob=1' })).toBeUndefined()
})
