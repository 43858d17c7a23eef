import type { PresentedReceipt, Scope } from '../../../contract.js'
import { show } from '../../../kernel/show.js'
import { parseUnityContainer, readUnityPayload, storeOfPayload } from '../../../receipts/unity.js'
import { inTransaction } from '../chains/scope.js'
import { judgeReceipt, type ReceiptRefusal } from '../receipts/verify-receipt.js'
import type { AppStoreTables } from '../tables.js'

/**
 * Returns the `status` of verifyReceipt for exactly this receipt, sent to the environment that it is from with the right password. Undefined for
 * a receipt of another store.
 */
export async function judge(scope: Scope<AppStoreTables>, presented: PresentedReceipt): Promise<string | undefined> {
  const text = textOf(presented)
  if (text === undefined) return undefined
  const production = judgeReceipt(scope.keys, text, 'Production')
  const judged = 'status' in production && production.status === 21007 ? judgeReceipt(scope.keys, text, 'Sandbox') : production
  if ('status' in judged) return answer(judged)
  const { claims, environment } = judged
  const isKnown = await inTransaction(
    scope,
    async ({ db }) => claims.bundleId !== undefined && (await db.apps.get(claims.bundleId)) !== undefined,
  )
  if (!isKnown) return `21003 no app in app_store.apps has the bundle id ${show(claims.bundleId)}`
  return scope.reachable('app_store') ? `0 in ${environment}` : '21005 the store is not reachable'
}

function textOf(presented: PresentedReceipt): string | undefined {
  switch (presented.format) {
    case 'app_store':
      return presented.receipt
    case 'unity':
      return isOfAppStore(presented.container) ? presented.container : undefined
    case 'wrapped': {
      const { contents, text } = presented
      return contents.format === 'app_store' || (contents.format === 'unity' && isOfAppStore(contents.container)) ? text : undefined
    }
    default:
      return undefined
  }
}

/** True for a Unity container with a receipt of the App Store, which verifyReceipt does not unwrap. */
function isOfAppStore(text: string): boolean {
  const container = parseUnityContainer(text)
  if (container.kind === 'not-json') return false
  const payload = readUnityPayload({ ...container, store: container.store ?? storeOfPayload(container.payload) })
  return payload.kind === 'app-store'
}

function answer({ status, sentence }: ReceiptRefusal): string {
  return `${status} ${sentence}`
}
