import { createHash } from 'node:crypto'
import { isSubscription } from '../../../marketplace/marketplace.js'
import { appStoreDevelopment } from '../../../receipts/app-store/development.js'
import { mintTransaction } from '../../../receipts/app-store/transaction.js'
import { latestOf, type Chain } from '../chains/chain.js'
import type { TransactionScope } from '../chains/scope.js'
import { chainStatus, expirationIntentOf, isRenewing, statusOf } from '../chains/state.js'
import { dateForms, greenwich, pacific } from './dates.js'
import { cancellationMembers, isIntroOffer, type Item, type TextMembers } from './items.js'
import { retryMembers } from './renewals.js'
import { mintItem, type ReceiptBody, type ReceiptContents } from './unified-answer.js'

type Making = Pick<TransactionScope, 'now' | 'ids' | 'keys'>

/** Returns the answer to a valid transaction receipt, the style of iOS 6: its receipt is one flat object of texts. */
export function transactionAnswer(making: Making, contents: ReceiptContents): ReceiptBody {
  const item = contents.items[0]!
  const receipt = flatReceipt(item, contents)
  const { environment } = contents
  const { chain } = item
  if (!isSubscription(chain.row)) return { receipt, environment, status: 0 }
  const latest: Item = { chain, transaction: latestOf(chain) }
  const renewal = {
    auto_renew_status: isRenewing(chain) ? 1 : 0,
    auto_renew_product_id: chain.row.productId ?? latest.transaction.productId,
  }
  const status = statusOf(chain, making.now)
  if (status === chainStatus.active || status === chainStatus.grace) {
    return {
      receipt,
      ...renewal,
      latest_receipt_info: flatReceipt(latest, contents),
      latest_receipt: latestReceipt(making, contents, latest),
      environment,
      status: 0,
    }
  }
  return {
    receipt,
    ...renewal,
    latest_expired_receipt_info: flatReceipt(latest, contents),
    ...expiryMembers(chain, making.now, status),
    environment,
    status: 21006,
  }
}

function expiryMembers(chain: Chain, now: Date, status: number): TextMembers {
  const intent = expirationIntentOf(chain, now)
  return { ...(intent !== undefined && { expiration_intent: String(intent) }), ...retryMembers(chain, status) }
}

function flatReceipt({ chain, transaction }: Item, { app, claims }: ReceiptContents): TextMembers {
  const { row, transactions } = chain
  const { expiresDate, webOrderLineItemId } = transaction
  return {
    ...dateForms('original_purchase_date', transactions[0]!.purchaseDate),
    ...dateForms('purchase_date', transaction.purchaseDate),
    // The one date that is milliseconds under its plain name.
    ...(expiresDate !== undefined && expiryForms(new Date(expiresDate))),
    unique_identifier: digest(app.bundleId, 'device').toString('hex').slice(0, 40),
    unique_vendor_identifier: uuidFrom(digest(app.bundleId, 'vendor')),
    original_transaction_id: transaction.originalTransactionId,
    transaction_id: transaction.transactionId,
    ...(webOrderLineItemId !== undefined && { web_order_line_item_id: webOrderLineItemId }),
    quantity: String(row.quantity ?? 1),
    product_id: transaction.productId,
    item_id: String(digest(app.bundleId, transaction.productId).readUInt32BE(0)),
    ...(isSubscription(row) && {
      is_trial_period: String(transaction.trial === true || transaction.offer?.discountType === 'FREE_TRIAL'),
      is_in_intro_offer_period: String(isIntroOffer(transaction)),
    }),
    ...cancellationMembers(transaction),
    bid: app.bundleId,
    bvrs: claims.appVersion ?? '',
  }
}

function expiryForms(date: Date): TextMembers {
  return {
    expires_date: String(date.getTime()),
    expires_date_formatted: greenwich(date),
    expires_date_formatted_pst: pacific(date),
  }
}

function latestReceipt({ now, ids, keys }: Making, { app, environment, claims }: ReceiptContents, item: Item): string {
  const material = keys.prepared('app store development keys', appStoreDevelopment)
  const { receipt } = mintTransaction(
    {
      bundleId: app.bundleId,
      appVersion: claims.appVersion,
      environment: environment === 'Sandbox' ? 'ProductionSandbox' : 'Production',
      item: mintItem(item),
    },
    { material, now, random: (size) => ids.bytes(size) },
  )
  return receipt
}

/** Ids of a device that does not exist; the same for the same app. */
function digest(...parts: string[]): Buffer {
  return createHash('sha256').update(parts.join('\0')).digest()
}

function uuidFrom(bytes: Buffer): string {
  const hex = bytes.toString('hex').toUpperCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
