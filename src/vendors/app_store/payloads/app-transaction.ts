import { environmentOfRow, type Chain } from '../chains/chain.js'
import type { TransactionScope } from '../chains/scope.js'
import { appTransactionIdOf } from './app-transaction-id.js'

/** Returns the payload of a signed app transaction (Apple's reference, AppTransaction). The values of device verification are random. */
export function appTransactionPayload({ ids, now }: Pick<TransactionScope, 'ids' | 'now'>, chain: Chain) {
  const { app, row, transactions } = chain
  const environment = environmentOfRow(row)
  const isSandbox = environment === 'Sandbox'
  return {
    receiptType: environment,
    // Apple's sandbox has no number of the app.
    appAppleId: isSandbox ? 0 : app.appAppleId,
    bundleId: app.bundleId,
    applicationVersion: '1.0',
    versionExternalIdentifier: isSandbox ? 0 : app.appAppleId,
    receiptCreationDate: now.getTime(),
    originalPurchaseDate: new Date(transactions[0]!.purchaseDate).getTime(),
    originalApplicationVersion: '1.0',
    deviceVerification: ids.bytes(48).toString('base64'),
    deviceVerificationNonce: ids.uuid(),
    appTransactionId: appTransactionIdOf(chain),
    originalPlatform: 'iOS',
  }
}
