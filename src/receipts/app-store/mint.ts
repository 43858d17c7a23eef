import { itemsOf, type AppStoreRequest } from './mint-request.js'
import type { MintContext } from './purchase.js'
import { mintTransaction } from './transaction.js'
import { mintUnified } from './unified.js'

/** Mints whatever the mint call asks for, and names the transaction that a game would report. */
export function mintAppStore(request: AppStoreRequest, context: MintContext): { receipt: string; transactionId: string } {
  const { bundleId, appVersion, tamper, environment, digest, version } = request
  const items = itemsOf(request)
  const main = Math.max(
    0,
    items.findIndex(({ productId }) => productId === request.productId),
  )
  if (request.style === 'transaction') {
    const world = environment === undefined || environment === 'Production' ? 'Production' : 'ProductionSandbox'
    const minted = mintTransaction({ bundleId, appVersion, tamper, version, environment: world, item: items[main]! }, context)
    return { receipt: minted.receipt, transactionId: minted.transactionIds[0]! }
  }
  const minted = mintUnified({ bundleId, appVersion, tamper, digest, environment, items }, context)
  return { receipt: minted.receipt, transactionId: minted.transactionIds[main]! }
}
