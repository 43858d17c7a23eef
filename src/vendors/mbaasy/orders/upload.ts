import type { JsonObject } from '../../../kernel/table.js'
import { latestMoment } from '../../../kernel/clock.js'
import { formClause } from '../../../receipts/forms.js'
import { verify } from '../../../receipts/google-play.js'
import { readJsonObject } from '../../../receipts/json-object.js'
import { claimsOf, productIdOf, stateOf, type PurchaseData } from '../../../receipts/purchase-data.js'
import { show, type FieldFault } from '../invalid.js'
import { readParameters } from '../parameters.js'
import type { GooglePurchase } from '../tables.js'
import { annotationsOf, legacyOrderParameters, orderParameters, type Annotations } from '../upload-parameters.js'

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
  /** Values that were taken for something other than they say. */
  warnings: readonly string[]
  /** The signed text, absent in a legacy order. */
  signed?: { text: string; signature: string }
}

/** Reads the body of a signed upload, noting every fault; undefined when there is one. */
export function readSignedOrder(body: JsonObject, faults: FieldFault[]): OrderUpload | undefined {
  const values = readParameters(body, orderParameters, faults)
  const { purchase_data: text, purchase_signature: signature } = values
  const data = text == null ? undefined : readPurchaseData(text, faults)
  if (text == null || signature == null || data === undefined || faults.length > 0) return undefined
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
    annotations: annotationsOf(values),
    warnings: data.warnings,
    signed: { text, signature },
  }
}

/** Reads the body of an upload without signature, noting every fault; undefined when there is one. */
export function readLegacyOrder(body: JsonObject, faults: FieldFault[]): OrderUpload | undefined {
  const values = readParameters(body, legacyOrderParameters, faults)
  const { package_name: packageName, purchase_token: purchaseToken, product_id: productId, order_id: orderId } = values
  if (packageName == null || purchaseToken == null || productId == null || faults.length > 0) return undefined
  return {
    packageName,
    purchaseToken,
    orderId: orderId ?? null,
    purchase: { productId, quantity: 1, state: 'purchased' },
    data: { productId, ...(orderId == null ? {} : { orderId }) },
    annotations: annotationsOf(values),
    warnings: [],
  }
}

interface Readable {
  claims: PurchaseData
  warnings: string[]
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
  const members = membersOf(text)
  // Data that names no package may be something else than purchase data, such as a Unity container.
  const form = () => (claims.packageName ? '' : formClause(text))
  const blank = (field: string) =>
    fault(`${field} can't be blank`, `purchase_data has ${field} ${show(members[field])}; it takes a string that is not empty${form()}.`)
  const { packageName, purchaseToken } = claims
  const productId = productIdOf(claims)
  const purchasedAt = momentOf(claims.purchaseTime)
  if (!packageName) blank('packageName')
  if (!productId) blank('productId')
  if (!purchaseToken) blank('purchaseToken')
  if (purchasedAt === undefined) {
    fault(
      'purchaseTime must be a number of milliseconds',
      `purchase_data has purchaseTime ${show(members['purchaseTime'])}; it takes Unix milliseconds as a number.`,
    )
  }
  if (!packageName || !productId || !purchaseToken || purchasedAt === undefined) return undefined
  return { claims, packageName, purchaseToken, productId, purchasedAt, warnings: warningsOf(members) }
}

/** Returns every member of purchase data, also those of another type than Google sends, which its claims leave out. */
function membersOf(text: string): JsonObject {
  const read = readJsonObject(text)
  return read.ok ? read.value : {}
}

function warningsOf(members: JsonObject): string[] {
  const { claims, misfits } = claimsOf(members)
  const warnings = misfits
    .filter((name) => name !== 'quantity')
    .map((name) => `purchase_data has ${name} ${show(members[name])}, which is not of the type that Google sends; it counts as absent.`)
  if ('quantity' in members && claims.quantity !== quantityOf(claims)) {
    warnings.push(`purchase_data has quantity ${show(members['quantity'])}; it takes a whole number from 1, so the quantity is 1.`)
  }
  return warnings
}

function momentOf(ms: number | undefined): string | undefined {
  return ms !== undefined && ms >= 0 && ms <= latestMoment ? new Date(ms).toISOString() : undefined
}

function quantityOf({ quantity }: PurchaseData): number {
  return quantity !== undefined && Number.isSafeInteger(quantity) && quantity > 0 ? quantity : 1
}
