import { isSubscription } from '../../../marketplace/marketplace.js'
import { groupOf, type Chain } from '../chains/chain.js'
import type { StoredTransaction } from '../tables.js'
import { dateForms } from './dates.js'

/** One transaction of a purchase. */
export interface Item {
  chain: Chain
  transaction: StoredTransaction
}

/** Member of an answer: every scalar is text. */
export type TextMembers = Record<string, string>

/** Returns a transaction as an element of `in_app` (Apple's reference, responseBody.Receipt.In_app). */
export function inAppItem({ chain, transaction }: Item): TextMembers {
  const { row, transactions } = chain
  return {
    quantity: String(row.quantity ?? 1),
    product_id: transaction.productId,
    transaction_id: transaction.transactionId,
    original_transaction_id: transaction.originalTransactionId,
    ...dateForms('purchase_date', transaction.purchaseDate),
    ...dateForms('original_purchase_date', transactions[0]!.purchaseDate),
    ...periodMembers({ chain, transaction }),
    is_trial_period: String(transaction.trial === true || transaction.offer?.discountType === 'FREE_TRIAL'),
    ...(isSubscription(row) && { is_in_intro_offer_period: String(isIntroOffer(transaction)) }),
    ...offerMembers(transaction),
    ...cancellationMembers(transaction),
    in_app_ownership_type: row.ownership ?? 'PURCHASED',
    ...(row.accountId !== undefined && { app_account_token: row.accountId.toLowerCase() }),
  }
}

/** Returns a transaction as an element of `latest_receipt_info`. */
export function latestItem(item: Item): TextMembers {
  const { chain, transaction } = item
  return {
    ...inAppItem(item),
    ...(isSubscription(chain.row) && { subscription_group_identifier: groupOf(chain) }),
    ...(transaction.isUpgraded && { is_upgraded: 'true' }),
  }
}

/** True for a paid introductory offer; a free trial has `is_trial_period`. */
export function isIntroOffer({ offer }: StoredTransaction): boolean {
  return offer?.type === 1 && offer.discountType !== 'FREE_TRIAL'
}

/** Names of an offer in verifyReceipt: offer codes by their reference name, promotional offers by their id. */
export function offerMembers({ offer }: Pick<StoredTransaction, 'offer'>): TextMembers {
  if (offer?.identifier === undefined) return {}
  if (offer.type === 3) return { offer_code_ref_name: offer.identifier }
  return offer.type === 2 ? { promotional_offer_id: offer.identifier } : {}
}

/** Members of a transaction that was refunded or revoked. */
export function cancellationMembers({ revokedAt, revocationReason }: StoredTransaction): TextMembers {
  if (revokedAt === undefined) return {}
  return { ...dateForms('cancellation_date', revokedAt), cancellation_reason: String(revocationReason ?? 0) }
}

function periodMembers({ chain, transaction }: Item): TextMembers {
  const { expiresDate, webOrderLineItemId } = transaction
  if (!isSubscription(chain.row) || expiresDate === undefined) return {}
  return {
    ...dateForms('expires_date', expiresDate),
    ...(webOrderLineItemId !== undefined && { web_order_line_item_id: webOrderLineItemId }),
  }
}
