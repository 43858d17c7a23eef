import { createHash } from 'node:crypto'
import { environmentOfRow, type Chain } from '../chains/chain.js'
import type { TransactionScope } from '../chains/scope.js'

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

/** Returns the id of a customer's download of the app: the same for every purchase of one customer, else one per purchase. */
export function appTransactionIdOf({ row, app }: Pick<Chain, 'row' | 'app'>): string {
  const owner = row.customer === undefined ? `purchase ${row.token}` : `customer ${row.customer}`
  const digest = createHash('sha256').update(`${app.bundleId}\0${owner}`).digest()
  return `704${String(digest.readUIntBE(0, 6) % 10 ** 15).padStart(15, '0')}`
}
