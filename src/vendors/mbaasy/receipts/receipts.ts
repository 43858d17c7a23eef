import { createHash } from 'node:crypto'
import { keyFrom } from '../../../kernel/table.js'
import type { AppStoreClaims } from '../../../receipts/app-store/claims.js'
import { keepAsking } from '../asking.js'
import type { Ledger } from '../purchases/ledger.js'
import { itemsOf } from './items.js'
import type { ReceiptUpload } from './upload.js'
import { datedReceipt, settleReceipt } from './settle.js'
import type { AppStoreApp, InAppPurchase, Receipt } from '../tables.js'

/** What became of an uploaded receipt. */
export type ReceiptOutcome = { receipt: Receipt } & (
  | { kind: 'recorded' | 'repeated' | 'updated' | 'pending'; purchases: InAppPurchase[] }
  | { kind: 'queued' | 'purchase-not-found' | 'purchase-mismatch' }
  | { kind: 'invalid-signature'; reason: string }
)

/** What recording a receipt draws from beside rows and upload. */
export interface ReceiptContext {
  app: AppStoreApp
  claims: AppStoreClaims
  requestId: string
  /** Stored where the upload names no address. */
  peerAddress: string
  isStoreReachable: boolean
  /** Why the receipt is not genuine, where it is not. */
  forgery?: string | undefined
}

/** Records an uploaded receipt, once per app and receipt; uploading it again updates what the new request carries. */
export async function recordReceipt(ledger: Ledger, upload: ReceiptUpload, context: ReceiptContext): Promise<ReceiptOutcome> {
  const digest = createHash('sha256').update(Buffer.from(upload.receipt, 'base64')).digest('hex')
  const { app, forgery } = context
  const [existing] = await ledger.db.receipts.where('byDigest', keyFrom([app.appFamilyId, app.bundleId, digest]))
  const carried = { ...upload.annotations, ...(upload.countryCode === undefined ? {} : { countryCode: upload.countryCode }) }
  const receipt = existing ? { ...existing, ...carried } : { ...newReceipt(ledger, context, digest), ...carried }
  if (forgery !== undefined) {
    const forged = keep(ledger, { ...receipt, isFraud: true, fraudReason: 'invalid_signature', state: 'forged' }, existing)
    return { kind: 'invalid-signature', receipt: forged, reason: forgery }
  }
  const proven: Receipt = { ...receipt, items: receipt.items ?? itemsOf(context.claims, ledger.now) }
  if (!context.isStoreReachable) {
    await keepAsking(ledger, 'app_store')
    return { kind: 'queued', receipt: keep(ledger, { ...proven, state: 'queued' }, existing) }
  }
  const settled = await settleReceipt(ledger, proven, upload.annotations)
  const kept = keep(ledger, settled.receipt, existing)
  if (kept.isFraud) return { kind: kept.fraudReason === 'purchase_not_found' ? 'purchase-not-found' : 'purchase-mismatch', receipt: kept }
  const { purchases } = settled
  if (settled.pending > 0) return { kind: 'pending', receipt: kept, purchases }
  if (!existing) return { kind: 'recorded', receipt: kept, purchases }
  return { kind: kept === settled.receipt ? 'repeated' : 'updated', receipt: kept, purchases }
}

function keep(ledger: Ledger, receipt: Receipt, existing: Receipt | undefined): Receipt {
  const kept = existing ? datedReceipt(receipt, existing, ledger) : receipt
  ledger.db.receipts.put(kept)
  return kept
}

function newReceipt({ ids, now }: Ledger, { app, claims, requestId, peerAddress }: ReceiptContext, digest: string): Receipt {
  const at = now.toISOString()
  return {
    id: ids.uuid(),
    appFamilyId: app.appFamilyId,
    bundleId: app.bundleId,
    style: claims.style,
    isFraud: false,
    fraudReason: null,
    environment: claims.environment,
    userIdentifier: null,
    metadata: null,
    ipAddress: peerAddress,
    createdAt: at,
    updatedAt: at,
    recordedBy: requestId,
    inAppPurchaseIds: [],
    digest,
  }
}
