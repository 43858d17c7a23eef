import { createHash } from 'node:crypto'
import { isSubscription } from '../../../marketplace/marketplace.js'
import { appStoreDevelopment } from '../../../receipts/app-store/development.js'
import type { AppStoreClaims } from '../../../receipts/app-store/claims.js'
import type { MintItem } from '../../../receipts/app-store/mint-request.js'
import type { ReceiptDate } from '../../../receipts/app-store/receipt-date.js'
import { mintUnified } from '../../../receipts/app-store/unified.js'
import type { Chain } from '../chains/chain.js'
import type { TransactionScope } from '../chains/scope.js'
import { productTypeOf, productTypes } from '../payloads/transaction.js'
import type { App, Environment, StoredTransaction } from '../tables.js'
import { dateForms } from './dates.js'
import { inAppItem, isIntroOffer, latestItem, type Item } from './items.js'
import { pendingRenewal } from './renewals.js'

/** Purchases behind a receipt, and those of the same customer. */
export interface ReceiptContents {
  app: App
  environment: Environment
  claims: AppStoreClaims
  /** Transactions of the receipt itself, in its order. */
  items: readonly Item[]
  /** Purchases of the customer, those of the receipt included. */
  chains: readonly Chain[]
  excludeOld: boolean
}

/** An answer of verifyReceipt with its status. */
export type ReceiptBody = { status: number; [member: string]: unknown }

type Making = Pick<TransactionScope, 'now' | 'ids' | 'keys'>

/** In the sandbox every app was first bought at this time. */
const sandboxPurchase = new Date(1_375_340_400_000)

/** Returns the answer to a valid app receipt (Apple's reference, responseBody). */
export function unifiedAnswer(making: Making, contents: ReceiptContents): ReceiptBody {
  const { environment, items } = contents
  const answer = { receipt: receiptMembers(making, contents), environment, status: 0 }
  if (!items.some(({ chain }) => isSubscription(chain.row))) return answer
  const latest = latestItems(contents)
  return {
    ...answer,
    latest_receipt_info: latest.map(latestItem),
    latest_receipt: mintLatest(making, { bundleId: contents.app.bundleId, appVersion: contents.claims.appVersion, environment }, latest),
    pending_renewal_info: contents.chains.filter(({ row }) => isSubscription(row)).map((chain) => pendingRenewal(chain, making.now)),
  }
}

function receiptMembers({ now }: Making, { app, environment, claims, items }: ReceiptContents): object {
  const isSandbox = environment === 'Sandbox'
  const id = isSandbox ? 0 : app.appAppleId
  return {
    receipt_type: claims.receiptType ?? (isSandbox ? 'ProductionSandbox' : 'Production'),
    adam_id: id,
    app_item_id: id,
    bundle_id: app.bundleId,
    application_version: claims.appVersion ?? '',
    download_id: isSandbox ? 0 : downloadId(app, claims),
    version_external_identifier: id,
    ...dateForms('receipt_creation_date', dateOf(claims.createdAt) ?? now),
    ...dateForms('request_date', now),
    ...dateForms('original_purchase_date', isSandbox ? sandboxPurchase : (dateOf(claims.originalPurchaseDate) ?? now)),
    original_application_version: isSandbox ? '1.0' : (claims.originalAppVersion ?? claims.appVersion ?? ''),
    ...expiry(claims),
    in_app: items.filter((item) => !isFinishedConsumable(item)).map(inAppItem),
  }
}

function expiry({ expiresAt }: AppStoreClaims): object {
  const at = dateOf(expiresAt)
  return at ? dateForms('expiration_date', at) : {}
}

/** The same for the same receipt; our choice. */
function downloadId({ bundleId }: App, claims: AppStoreClaims): number {
  const text = `${bundleId}\0${claims.createdAt?.text ?? ''}\0${claims.items[0]?.originalTransactionId ?? ''}`
  return createHash('sha256').update(text).digest().readUIntBE(0, 6)
}

/** Returns the transactions of a customer, the newest first: all but finished consumables. */
export function latestItems({ chains, excludeOld }: Pick<ReceiptContents, 'chains' | 'excludeOld'>): Item[] {
  const all = chains.flatMap((chain) => {
    const isReduced = excludeOld && isSubscription(chain.row)
    const transactions = isReduced ? chain.transactions.slice(-1) : chain.transactions
    return transactions.map((transaction): Item => ({ chain, transaction }))
  })
  const kept = all.filter((item) => !isFinishedConsumable(item))
  return kept.toSorted((a, b) => b.transaction.purchaseDate.localeCompare(a.transaction.purchaseDate))
}

/** True for a consumable that the app has finished: it is in no receipt any more. */
export function isFinishedConsumable({ chain, transaction }: Item): boolean {
  return transaction.finishedAt !== undefined && productTypeOf(chain) === productTypes.consumable
}

/** Mints an app receipt with the latest transactions of a customer. */
export function mintLatest(
  { now, ids, keys }: Making,
  { bundleId, appVersion, environment }: { bundleId: string; appVersion?: string | undefined; environment: Environment },
  latest: readonly Item[],
): string {
  const material = keys.prepared('app store development keys', appStoreDevelopment)
  const { receipt } = mintUnified(
    {
      bundleId,
      appVersion,
      environment: environment === 'Sandbox' ? 'ProductionSandbox' : 'Production',
      items: latest.map(mintItem),
    },
    { material, now, random: (size) => ids.bytes(size) },
  )
  return receipt
}

const kinds = {
  [productTypes.subscription]: 'auto-renewable',
  [productTypes['non-consumable']]: 'non-consumable',
  [productTypes.consumable]: 'consumable',
  [productTypes['non-renewing']]: 'non-renewing',
} as const

/** Returns a transaction as minting takes it. */
export function mintItem({ chain, transaction }: Item): MintItem {
  const { row, transactions } = chain
  return {
    productId: transaction.productId,
    transactionId: transaction.transactionId,
    originalTransactionId: transaction.originalTransactionId,
    quantity: row.quantity ?? 1,
    purchaseDate: transaction.purchaseDate,
    originalPurchaseDate: transactions[0]!.purchaseDate,
    ...(transaction.expiresDate !== undefined && { expiresDate: transaction.expiresDate }),
    ...(transaction.revokedAt !== undefined && { cancellationDate: transaction.revokedAt }),
    type: kinds[productTypeOf(chain)],
    trial: isTrial(transaction),
    introOffer: isIntroOffer(transaction),
  }
}

function isTrial({ trial, offer }: StoredTransaction): boolean {
  return trial === true || offer?.discountType === 'FREE_TRIAL'
}

function dateOf(date: ReceiptDate | undefined): Date | undefined {
  return date?.ms === undefined || date.ms === null ? undefined : new Date(date.ms)
}
