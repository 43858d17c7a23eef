import { expect, test } from 'vitest'
import { gameofwhales } from '../../../src/vendors/gameofwhales/index.js'
import type { PresentedReceipt, Scope } from '../../../src/contract.js'
import { WorkspaceScope } from '../../../src/workspace/scope.js'
import { sliceFactory } from '../../../src/workspace/slice.js'
import { aSandbox, type TestSandbox } from '../../support/sandbox.js'
import { appStoreReceipt, googlePlayContainer, googlePlayPurchase, samsungContainer, seed } from './calls.js'

async function judge(sandbox: TestSandbox, receipt: PresentedReceipt): Promise<string | undefined> {
  const { space } = await sandbox.core.workspaces.open('default')
  const parts = { id: gameofwhales.id, slice: sliceFactory(gameofwhales.id, gameofwhales.tables) }
  const scope: Scope = new WorkspaceScope(parts, space, await space.setting(), sandbox.core.keys)
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

test('nothing can be determined without games, and an OUYA form is no receipt here', async () => {
  const sandbox = await aSandbox({ seedDocument: {} })
  expect(await judge(sandbox, googlePlay())).toBe('undefined')
  expect(await judge(sandbox, { format: 'ouya', form: 'blob=1' })).toBeUndefined()
})
