import { createHash } from 'node:crypto'
import { keyFrom } from '../../../kernel/table.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { environmentOf as environmentIn } from '../../../receipts/purchase-data.js'
import { scheduleRetry } from '../purchases/retries.js'
import { putChanged, type TransactionScope } from '../purchases/transaction-scope.js'
import type { OrderUpload } from './upload.js'
import { dated, settleOrder } from './settle.js'
import type { GooglePurchase, InAppPurchase, PlayStoreApp, PurchaseOrder } from '../tables.js'

/** Outcome of an uploaded purchase order. */
export type OrderOutcome = { order: PurchaseOrder; purchase?: InAppPurchase | undefined; warnings?: string[] } & (
  | { kind: 'recorded' | 'repeated' | 'updated' | 'pending' | 'queued' | 'purchase-not-found' }
  | { kind: 'purchase-mismatch'; inStore: StorePurchase | undefined }
  | { kind: 'invalid-signature'; reason: string }
)

/** Facts about an upload besides its content. */
export interface OrderFacts {
  app: PlayStoreApp
  requestId: string
  /** Stored if the upload has no address. */
  peerAddress: string
  isStoreReachable: boolean
  /** Reason why the signature is invalid; undefined if it is valid. */
  signatureError?: string | undefined
}

/**
 * Records an uploaded order, once per app family, package and purchase token. Another upload updates it with what the new request
 * has. An order with an invalid signature gets a separate record and changes no other.
 */
export async function recordOrder(tx: TransactionScope, upload: OrderUpload, context: OrderFacts): Promise<OrderOutcome> {
  if (context.signatureError !== undefined) return recordInvalidSignature(tx, upload, context, context.signatureError)
  const existing = await findOrder(tx, upload, context.app)
  const order = existing ? renewedBy(existing, upload, context.app) : newOrder(tx, upload, context)
  const isAfresh =
    existing !== undefined && (isReplacedBy(existing, upload) || existing.isFraud || existing.purchase?.state !== order.purchase?.state)
  if (!context.isStoreReachable) {
    await scheduleRetry(tx, 'google_play')
    const queued = dated({ ...order, state: 'queued', ...(isAfresh && { isRevised: true }) }, existing, tx)
    tx.db.purchaseOrders.put(queued)
    return { kind: 'queued', order: queued }
  }
  const settled = await settleOrder(tx, order, isAfresh)
  const kept = dated(settled.order, existing, tx)
  putChanged(tx.db.purchaseOrders, kept, existing)
  // Compared by row: two uploads in one millisecond have the same time of update.
  const success = !existing ? 'recorded' : kept === settled.order && !settled.hasChangedPurchase ? 'repeated' : 'updated'
  if (kept.isFraud && kept.fraudReason !== 'purchase_not_found') {
    const inStore = await tx.transaction.marketplace.purchase('google_play', kept.purchaseToken)
    return { kind: 'purchase-mismatch', order: kept, inStore }
  }
  return {
    kind: kept.isFraud ? 'purchase-not-found' : kept.state === 'pending' ? 'pending' : success,
    order: kept,
    purchase: settled.purchase,
    warnings: warningsOf(kept, upload),
  }
}

/** Returns the warnings of an accepted upload. */
function warningsOf({ purchase, purchaseToken }: PurchaseOrder, upload: OrderUpload): string[] {
  if (!purchase || purchase.productId === upload.purchase.productId) return [...upload.warnings]
  return [
    ...upload.warnings,
    `This request names product ${upload.purchase.productId}; token ${purchaseToken.slice(0, 40)} stays with ${purchase.productId}, for which it was first uploaded.`,
  ]
}

async function findOrder({ db }: TransactionScope, upload: OrderUpload, app: PlayStoreApp): Promise<PurchaseOrder | undefined> {
  const [found] = await db.purchaseOrders.where('byPurchase', keyFrom([app.appFamilyId, upload.packageName, upload.purchaseToken]))
  return found
}

function newOrder({ ids, now }: TransactionScope, upload: OrderUpload, { app, requestId, peerAddress }: OrderFacts): PurchaseOrder {
  const at = now.toISOString()
  const purchase = purchaseOf(upload, app, { otherwiseAt: at })
  const { userIdentifier = null, metadata = null, ipAddress = peerAddress } = upload.annotations
  return {
    id: ids.uuid(),
    appFamilyId: app.appFamilyId,
    packageName: upload.packageName,
    isLegacy: upload.signed === undefined,
    purchaseToken: upload.purchaseToken,
    orderId: upload.orderId,
    isFraud: false,
    fraudReason: null,
    environment: purchase.environment,
    userIdentifier,
    metadata,
    ipAddress,
    createdAt: at,
    updatedAt: at,
    recordedBy: requestId,
    inAppPurchaseId: null,
    purchase,
  }
}

/** Returns a known order with the news of another upload. */
function renewedBy(existing: PurchaseOrder, upload: OrderUpload, app: PlayStoreApp): PurchaseOrder {
  const isReplaced = isReplacedBy(existing, upload)
  const orderId = isReplaced ? (upload.orderId ?? existing.orderId) : (existing.orderId ?? upload.orderId)
  const claim = purchaseOf(upload, app, { otherwiseAt: existing.createdAt, orderId })
  const known = withOrderId(existing, app, orderId)
  const isNews = upload.signed !== undefined && (known?.state === 'pending' || (claim.state !== 'purchased' && claim.state !== 'pending'))
  const purchase = !known || isReplaced ? claim : isNews ? { ...known, state: claim.state } : known
  const isLegacy = isReplaced ? upload.signed === undefined : existing.isLegacy
  // A store that cannot be asked corrects it later; until then the upload is the newest source.
  const environment = purchase.environment === existing.purchase?.environment ? existing.environment : purchase.environment
  return { ...existing, ...upload.annotations, isLegacy, orderId, environment, purchase }
}

/**
 * True if the data of another upload take the place of the first: a signature makes a legacy order a full one, and another product may be
 * the one that the store knows if it denies the first.
 */
function isReplacedBy({ isLegacy, isFraud, purchase }: PurchaseOrder, upload: OrderUpload): boolean {
  return (isLegacy && upload.signed !== undefined) || (isFraud && purchase?.productId !== upload.purchase.productId)
}

/** Returns the purchase of a known order. An order id that becomes known later makes a purchase real, which looked like a test without it. */
function withOrderId({ purchase, orderId: before }: PurchaseOrder, app: PlayStoreApp, orderId: PurchaseOrder['orderId']) {
  if (!purchase || before || !orderId) return purchase
  return { ...purchase, environment: environmentIn({ productId: purchase.productId, orderId }, { packageDefault: app.environment }) }
}

function purchaseOf(
  upload: OrderUpload,
  app: PlayStoreApp,
  { otherwiseAt, orderId = upload.orderId }: { otherwiseAt: string; orderId?: PurchaseOrder['orderId'] },
): GooglePurchase {
  const data = orderId ? { ...upload.data, orderId } : upload.data
  const environment = environmentIn(data, { packageDefault: app.environment })
  return { purchasedAt: otherwiseAt, ...upload.purchase, environment }
}

async function recordInvalidSignature(
  tx: TransactionScope,
  upload: OrderUpload,
  context: OrderFacts,
  reason: string,
): Promise<OrderOutcome> {
  const { text, signature } = upload.signed ?? { text: '', signature: '' }
  const forgery = createHash('sha256').update(`${text.length}:`).update(text).update(signature).digest('hex')
  const [existing] = await tx.db.purchaseOrders.where('byForgery', keyFrom([context.app.appFamilyId, forgery]))
  const { purchase: _unproven, ...fresh } = newOrder(tx, upload, context)
  const forged = { isFraud: true, fraudReason: 'invalid_signature', state: 'forged', forgery } as const
  const order = dated(existing ? { ...existing, ...upload.annotations } : { ...fresh, ...forged }, existing, tx)
  tx.db.purchaseOrders.put(order)
  return { kind: 'invalid-signature', order, reason }
}
