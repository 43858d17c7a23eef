import { isSubscription } from '../../../marketplace/marketplace.js'
import { jwsKeys } from '../../../receipts/app-store/jws/development.js'
import { signPayload, type Tamper } from '../../../receipts/app-store/jws/sign.js'
import { latestOf, type Chain } from '../chains/chain.js'
import type { TransactionScope } from '../chains/scope.js'
import { statusOf, type ChainStatus } from '../chains/state.js'
import type { StoredTransaction } from '../tables.js'
import { renewalPayload } from './renewal.js'
import { transactionPayload } from './transaction.js'

type Signing = Pick<TransactionScope, 'keys' | 'now'>

/** The signed parts of a purchase in notifications and status answers; only subscriptions have the second and the third. */
export interface SignedParts {
  signedTransactionInfo: string
  signedRenewalInfo?: string
  status?: ChainStatus
}

/** Signs a transaction of a purchase, usually the latest one, and of a subscription its renewal info. */
export function signedParts(signing: Signing, chain: Chain, transaction = latestOf(chain)): SignedParts {
  const signedTransactionInfo = signTransaction(signing, chain, transaction)
  if (!isSubscription(chain.row)) return { signedTransactionInfo }
  return { signedTransactionInfo, signedRenewalInfo: signRenewal(signing, chain), status: statusOf(chain, signing.now) }
}

/** Signs a transaction of a purchase. */
export function signTransaction({ keys, now }: Signing, chain: Chain, transaction: StoredTransaction, tamper?: Tamper): string {
  return signPayload(transactionPayload(chain, transaction, now), jwsKeys(keys, chain.app.ocspUrl), tamper)
}

/** Signs the renewal info of a subscription. */
export function signRenewal({ keys, now }: Signing, chain: Chain, tamper?: Tamper): string {
  return signPayload(renewalPayload(chain, now), jwsKeys(keys, chain.app.ocspUrl), tamper)
}
