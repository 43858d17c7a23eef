import type { JsonObject } from '../../kernel/table.js'
import { latestMoment } from '../../kernel/clock.js'
import { formClause } from '../../receipts/forms.js'
import { verify } from '../../receipts/google-play.js'
import { productIdOf, stateOf, type PurchaseData } from '../../receipts/purchase-data.js'
import { optionalText, readAnnotations, requiredText, show, type Annotations, type FieldFault } from './faults.js'
import type { GooglePurchase } from './tables.js'

/** A purchase order as an app uploaded it, whichever endpoint it used. */
export interface OrderUpload {
  packageName: string
  purchaseToken: string
  orderId: string | null
  /** The purchase; when it was bought is not known of a legacy order. */
  purchase: Omit<GooglePurchase, 'environment' | 'purchasedAt'> & { purchasedAt?: string }
  /** What the environment is judged by. */
  data: PurchaseData
  annotations: Annotations
  /** The signed text, absent in a legacy order. */
  signed?: { text: string; signature: string }
}

/** Reads the body of a signed upload, noting every fault; undefined when there is one. */
export function readSignedOrder(body: JsonObject, faults: FieldFault[]): OrderUpload | undefined {
  const text = requiredText(body, 'purchase_data', faults, dataElsewhere)
  const signature = requiredText(body, 'purchase_signature', faults, signatureElsewhere)
  const annotations = readAnnotations(body, faults)
  const data = text === undefined ? undefined : readPurchaseData(text, faults)
  if (text === undefined || signature === undefined || data === undefined || faults.length > 0) return undefined
  const { packageName, purchaseToken, productId, purchasedAt } = data
  return {
    packageName,
    purchaseToken,
    orderId: data.claims.orderId || null,
    purchase: {
      productId,
      quantity: quantityOf(data.claims),
      purchasedAt,
      state: stateOf(data.claims),
      ...(data.claims.autoRenewing === undefined ? {} : { autoRenewing: data.claims.autoRenewing }),
    },
    data: data.claims,
    annotations,
    signed: { text, signature },
  }
}

/** Names that stores and libraries have for the two texts. */
const dataElsewhere = ['purchaseData', 'data_android', 'dataAndroid', 'INAPP_PURCHASE_DATA', 'json', 'data', 'receipt']
const signatureElsewhere = ['signature', 'signature_android', 'signatureAndroid', 'INAPP_DATA_SIGNATURE']

/** Reads the body of an upload without signature, noting every fault; undefined when there is one. */
export function readLegacyOrder(body: JsonObject, faults: FieldFault[]): OrderUpload | undefined {
  const packageName = requiredText(body, 'package_name', faults)
  const purchaseToken = requiredText(body, 'purchase_token', faults)
  const productId = requiredText(body, 'product_id', faults)
  const orderId = optionalText(body, 'order_id', faults)
  const annotations = readAnnotations(body, faults)
  if (packageName === undefined || purchaseToken === undefined || productId === undefined || faults.length > 0) return undefined
  return {
    packageName,
    purchaseToken,
    orderId: orderId ?? null,
    purchase: { productId, quantity: 1, state: 'purchased' },
    data: { productId, ...(orderId === undefined ? {} : { orderId }) },
    annotations,
  }
}

interface Readable {
  claims: PurchaseData
  packageName: string
  purchaseToken: string
  productId: string
  purchasedAt: string
}

/** What must be readable in the data before anything else can be asked: it names the key to check the rest with. */
function readPurchaseData(text: string, faults: FieldFault[]): Readable | undefined {
  const { claims, checks } = verify(text, '', null)
  const fault = (words: string, seen: string) => faults.push({ field: 'purchase_data', text: words, seen })
  if (!claims) {
    fault('is not valid JSON', `purchase_data cannot be read: ${checks[0]?.detail}.`)
    return undefined
  }
  // Something that names no package may be no purchase at all.
  const named = () => (claims.packageName ? '' : formClause(text))
  const blank = (field: string) => fault(`${field} can't be blank`, `purchase_data holds no text as ${field}${named()}.`)
  const { packageName, purchaseToken } = claims
  const productId = productIdOf(claims)
  const purchasedAt = momentOf(claims.purchaseTime)
  if (!packageName) blank('packageName')
  if (!productId) blank('productId')
  if (!purchaseToken) blank('purchaseToken')
  if (purchasedAt === undefined) {
    fault(
      'purchaseTime must be a number of milliseconds',
      `purchase_data has purchaseTime ${show(claims.purchaseTime)}; it takes Unix milliseconds.`,
    )
  }
  if (!packageName || !productId || !purchaseToken || purchasedAt === undefined) return undefined
  return { claims, packageName, purchaseToken, productId, purchasedAt }
}

function momentOf(ms: number | undefined): string | undefined {
  return ms !== undefined && ms >= 0 && ms <= latestMoment ? new Date(ms).toISOString() : undefined
}

function quantityOf({ quantity }: PurchaseData): number {
  return quantity !== undefined && Number.isSafeInteger(quantity) && quantity > 0 ? quantity : 1
}
