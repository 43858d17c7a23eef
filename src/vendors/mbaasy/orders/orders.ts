import { createHash } from 'node:crypto'
import { keyFrom } from '../../../kernel/table.js'
import { environmentOf as environmentIn } from '../../../receipts/purchase-data.js'
import { keepAsking } from '../asking.js'
import type { Ledger } from '../purchases/ledger.js'
import type { OrderUpload } from './upload.js'
import { dated, settleOrder } from './settle.js'
import type { GooglePurchase, InAppPurchase, PlayStoreApp, PurchaseOrder } from '../tables.js'

/** What became of an uploaded purchase order. */
export type OrderOutcome = { order: PurchaseOrder; purchase?: InAppPurchase | undefined; warnings?: string[] } & (
  | { kind: 'recorded' | 'repeated' | 'updated' | 'pending' | 'queued' | 'purchase-not-found' | 'purchase-mismatch' }
  | { kind: 'invalid-signature'; reason: string }
)

/** What recording an order draws from beside rows and upload. */
export interface OrderContext {
  app: PlayStoreApp
  requestId: string
  /** Stored where the upload names no address. */
  peerAddress: string
  isStoreReachable: boolean
  /** Why the signature does not fit, where it does not. */
  forgery?: string | undefined
}

/**
 * Records an uploaded order, once per app family, package and purchase token; uploading it again updates what the new request
 * carries. One whose signature does not fit gets a record of its own and touches no other.
 */
export async function recordOrder(ledger: Ledger, upload: OrderUpload, context: OrderContext): Promise<OrderOutcome> {
  if (context.forgery !== undefined) return recordForgery(ledger, upload, context, context.forgery)
  const existing = await findOrder(ledger, upload, context.app)
  const isUpgraded = existing?.isLegacy === true && upload.signed !== undefined
  const order = existing ? renewedBy(existing, upload, context.app, isUpgraded) : newOrder(ledger, upload, context)
  const isAfresh = existing !== undefined && (isUpgraded || existing.isFraud || existing.purchase?.state !== order.purchase?.state)
  if (!context.isStoreReachable) {
    await keepAsking(ledger, 'google_play')
    const queued = dated({ ...order, state: 'queued', ...(isAfresh && { isRevised: true }) }, existing, ledger)
    ledger.db.purchaseOrders.put(queued)
    return { kind: 'queued', order: queued }
  }
  const settled = await settleOrder(ledger, order, isAfresh)
  const kept = dated(settled.order, existing, ledger)
  ledger.db.purchaseOrders.put(kept)
  // Compared by row: two uploads in one millisecond have the same time of update.
  const told = !existing ? 'recorded' : kept === settled.order ? 'repeated' : 'updated'
  return {
    kind: refusalOf(kept) ?? (kept.state === 'pending' ? 'pending' : told),
    order: kept,
    purchase: settled.purchase,
    warnings: oddities(kept, upload),
  }
}

function refusalOf({ isFraud, fraudReason }: PurchaseOrder): 'purchase-not-found' | 'purchase-mismatch' | undefined {
  if (!isFraud) return undefined
  return fraudReason === 'purchase_not_found' ? 'purchase-not-found' : 'purchase-mismatch'
}

/** What a tester should hear about an upload although it was taken. */
function oddities({ purchase, purchaseToken }: PurchaseOrder, upload: OrderUpload): string[] {
  if (!purchase || purchase.productId === upload.purchase.productId) return [...upload.warnings]
  return [
    ...upload.warnings,
    `This request names product ${upload.purchase.productId}; token ${purchaseToken.slice(0, 40)} stays with ${purchase.productId}, for which it was first uploaded.`,
  ]
}

async function findOrder({ db }: Ledger, upload: OrderUpload, app: PlayStoreApp): Promise<PurchaseOrder | undefined> {
  const [found] = await db.purchaseOrders.where('byPurchase', keyFrom([app.appFamilyId, upload.packageName, upload.purchaseToken]))
  return found
}

function newOrder({ ids, now }: Ledger, upload: OrderUpload, { app, requestId, peerAddress }: OrderContext): PurchaseOrder {
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

/** A known order with what the new upload carries. A signature makes a legacy order a full one; else the first data stay. */
function renewedBy(existing: PurchaseOrder, upload: OrderUpload, app: PlayStoreApp, isUpgraded: boolean): PurchaseOrder {
  const orderId = isUpgraded ? (upload.orderId ?? existing.orderId) : (existing.orderId ?? upload.orderId)
  const told = purchaseOf(upload, app, { otherwiseAt: existing.createdAt, orderId })
  const known = withOrderId(existing, app, orderId)
  const isNews = upload.signed !== undefined && (known?.state === 'pending' || (told.state !== 'purchased' && told.state !== 'pending'))
  const purchase = !known || isUpgraded ? told : isNews ? { ...known, state: told.state } : known
  // A store that cannot be asked corrects it later; until then the upload is the newest source.
  const environment = purchase.environment === existing.purchase?.environment ? existing.environment : purchase.environment
  return { ...existing, ...upload.annotations, isLegacy: existing.isLegacy && !isUpgraded, orderId, environment, purchase }
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

async function recordForgery(ledger: Ledger, upload: OrderUpload, context: OrderContext, reason: string): Promise<OrderOutcome> {
  const { text, signature } = upload.signed ?? { text: '', signature: '' }
  const forgery = createHash('sha256').update(`${text.length}:`).update(text).update(signature).digest('hex')
  const [existing] = await ledger.db.purchaseOrders.where('byForgery', keyFrom([context.app.appFamilyId, forgery]))
  const { purchase: _unproven, ...fresh } = newOrder(ledger, upload, context)
  const forged = { isFraud: true, fraudReason: 'invalid_signature', state: 'forged', forgery } as const
  const order = dated(existing ? { ...existing, ...upload.annotations } : { ...fresh, ...forged }, existing, ledger)
  ledger.db.purchaseOrders.put(order)
  return { kind: 'invalid-signature', order, reason }
}
