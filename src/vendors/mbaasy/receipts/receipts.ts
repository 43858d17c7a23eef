import { createHash } from 'node:crypto'
import { keyFrom } from '../../../kernel/table.js'
import type { AppStoreClaims } from '../../../receipts/app-store/claims.js'
import { scheduleRetry } from '../purchases/retries.js'
import { putChanged, type TransactionScope } from '../purchases/transaction-scope.js'
import { itemsOf } from './items.js'
import type { ReceiptUpload } from './upload.js'
import { datedReceipt, settleReceipt } from './settle.js'
import type { AppStoreApp, InAppPurchase, Receipt } from '../tables.js'

/** Outcome of an uploaded receipt. */
export type ReceiptOutcome = { receipt: Receipt } & (
  | { kind: 'recorded' | 'repeated' | 'updated' | 'pending'; purchases: InAppPurchase[] }
  | { kind: 'queued' | 'purchase-not-found' | 'purchase-mismatch' }
  | { kind: 'invalid-signature'; reason: string }
)

/** Facts about an upload besides its content. */
export interface ReceiptContext {
  app: AppStoreApp
  claims: AppStoreClaims
  requestId: string
  /** Stored if the upload has no address. */
  peerAddress: string
  isStoreReachable: boolean
  /** Reason why the receipt is not proven genuine; undefined if it is. */
  signatureError?: string | undefined
}

/** Records an uploaded receipt, once per app and receipt; another upload updates it with what the new request has. */
export async function recordReceipt(tx: TransactionScope, upload: ReceiptUpload, context: ReceiptContext): Promise<ReceiptOutcome> {
  const digest = createHash('sha256').update(Buffer.from(upload.receipt, 'base64')).digest('hex')
  const { app, signatureError } = context
  const [existing] = await tx.db.receipts.where('byDigest', keyFrom([app.appFamilyId, app.bundleId, digest]))
  const receipt = { ...(existing ?? newReceipt(tx, context, digest)), ...upload.annotations }
  if (signatureError !== undefined) {
    const forged = keep(tx, { ...receipt, isFraud: true, fraudReason: 'invalid_signature', state: 'forged' }, existing)
    return { kind: 'invalid-signature', receipt: forged, reason: signatureError }
  }
  const proven: Receipt = { ...receipt, items: receipt.items ?? itemsOf(context.claims, tx.now) }
  if (!context.isStoreReachable) {
    await scheduleRetry(tx, 'app_store')
    return { kind: 'queued', receipt: keep(tx, { ...proven, state: 'queued' }, existing) }
  }
  const settled = await settleReceipt(tx, proven, upload.annotations)
  const kept = keep(tx, settled.receipt, existing)
  if (kept.isFraud) return { kind: kept.fraudReason === 'purchase_not_found' ? 'purchase-not-found' : 'purchase-mismatch', receipt: kept }
  const { purchases } = settled
  if (settled.pending > 0) return { kind: 'pending', receipt: kept, purchases }
  if (!existing) return { kind: 'recorded', receipt: kept, purchases }
  const isRepeated = kept === settled.receipt && !settled.hasChangedPurchase
  return { kind: isRepeated ? 'repeated' : 'updated', receipt: kept, purchases }
}

function keep(tx: TransactionScope, receipt: Receipt, existing: Receipt | undefined): Receipt {
  const kept = existing ? datedReceipt(receipt, existing, tx) : receipt
  putChanged(tx.db.receipts, kept, existing)
  return kept
}

function newReceipt({ ids, now }: TransactionScope, { app, claims, requestId, peerAddress }: ReceiptContext, digest: string): Receipt {
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
