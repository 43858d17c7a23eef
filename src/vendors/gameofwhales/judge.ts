import type { PresentedReceipt, Scope } from '../../contract.js'
import { googlePlayPayload, parseUnityContainer, samsungPayload, unityContainer } from '../../receipts/unity.js'
import { openReceipt } from './open-receipt.js'
import { checkWithStore, type Checked } from './store-check.js'
import type { tables } from './tables.js'

/**
 * The `verifyState` that the store check alone gives a receipt: the best it gets in any game, as a receipt does not say whose game it
 * is for. Forced verdicts and repeats belong to a report, not to the receipt.
 */
export async function judge(scope: Scope<typeof tables>, presented: PresentedReceipt): Promise<string | undefined> {
  const container = containerOf(presented)
  if (container === undefined) return undefined
  const opened = openReceipt({ receipt: container, fallbackStore: 'Other', mayBeBare: false })
  const { games, samsung } = await scope.transact(async (db, { marketplace }) => ({
    games: await db.games.list(),
    samsung: opened.kind === 'samsung' ? await marketplace.purchase('samsung', opened.purchaseId) : undefined,
  }))
  const transactionId = opened.kind === 'samsung' ? transactionIdOf(container) : undefined
  const states = games.map((game) => checkWithStore(opened, { game, transactionId, samsung }, scope).verifyState)
  return bestFirst.find((state) => states.includes(state)) ?? 'undefined'
}

const bestFirst: readonly Checked['verifyState'][] = ['legal', 'illegal', 'undefined']

function containerOf(presented: PresentedReceipt): string | undefined {
  switch (presented.format) {
    case 'google_play':
      return unityContainer('GooglePlay', '', googlePlayPayload(presented.purchaseData, presented.signature))
    case 'app_store':
      return unityContainer('AppleAppStore', '', presented.receipt)
    case 'samsung':
      return unityContainer('SamsungApps', presented.paymentId ?? '', samsungPayload(presented.purchaseId))
    case 'unity':
      return presented.container
    case 'ouya':
      return undefined
  }
}

/** A Samsung container's transaction id is the payment id; without one the store's own word counts. */
function transactionIdOf(container: string): string | undefined {
  const parsed = parseUnityContainer(container)
  return (parsed.kind === 'container' && parsed.transactionId) || undefined
}
