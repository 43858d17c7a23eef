import { parseWithLargeNumbers } from '../../../kernel/json/as-sent.js'
import { once } from '../../../kernel/once.js'
import type { JsonObject } from '../../../kernel/table.js'
import { earliestMoment, isoDate, latestMoment } from '../../../kernel/clock.js'
import { formClause } from '../../../receipts/forms.js'
import { verify } from '../../../receipts/google-play.js'
import { parseObject } from '../../../receipts/json-object.js'
import { claimsOf, productIdOf, stateOf, type PurchaseData } from '../../../receipts/purchase-data.js'
import { show } from '../../../kernel/show.js'
import type { InvalidField } from '../invalid-field.js'
import { readParameters } from '../parameters.js'
import type { GooglePurchase } from '../tables.js'
import { annotationsOf, legacyOrderParameters, orderParameters, type Annotations } from '../upload-parameters.js'

/** A purchase order as an app uploaded it, whichever endpoint it used. */
export interface OrderUpload {
  packageName: string
  purchaseToken: string
  orderId: string | null
  /** The purchase; a legacy order does not have its time. */
  purchase: Omit<GooglePurchase, 'environment' | 'purchasedAt'> & { purchasedAt?: string }
  /** The data that decide the environment. */
  data: PurchaseData
  annotations: Annotations
  /** Values that count as something else than was sent. */
  warnings: readonly string[]
  /** The signed string, absent in a legacy order. */
  signed?: { text: string; signature: string }
}

/** Result of reading a body. The package name is there although other fields are invalid, so that it can be checked with them. */
export interface ReadOrder {
  packageName?: string | undefined
  upload?: OrderUpload
}

/** Reads the body of a signed upload, with entries in `invalidFields` if it is invalid. */
export function readSignedOrder(body: JsonObject, invalidFields: InvalidField[]): ReadOrder {
  const values = readParameters(body, orderParameters, invalidFields)
  const { purchase_data: text, purchase_signature: signature } = values
  const { packageName, data } = text == null ? {} : readPurchaseData(text, invalidFields)
  if (text == null || signature == null || data === undefined || invalidFields.length > 0) return { packageName }
  const { purchaseToken, productId, purchasedAt } = data
  const upload: OrderUpload = {
    packageName: data.packageName,
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
  return { packageName, upload }
}

/** Reads the body of an upload without signature, with entries in `invalidFields` if it is invalid. */
export function readLegacyOrder(body: JsonObject, invalidFields: InvalidField[]): ReadOrder {
  const values = readParameters(body, legacyOrderParameters, invalidFields)
  const { purchase_token: purchaseToken, product_id: productId, order_id: orderId } = values
  const packageName = values.package_name ?? undefined
  if (packageName === undefined || purchaseToken == null || productId == null || invalidFields.length > 0) return { packageName }
  const upload: OrderUpload = {
    packageName,
    purchaseToken,
    orderId: orderId ?? null,
    purchase: { productId, quantity: 1, state: 'purchased' },
    data: { productId, ...(orderId == null ? {} : { orderId }) },
    annotations: annotationsOf(values),
    warnings: [],
  }
  return { packageName, upload }
}

interface Readable {
  claims: PurchaseData
  warnings: string[]
  packageName: string
  purchaseToken: string
  productId: string
  purchasedAt: string
}

/** Reads purchase data, as far as the signature's key and the purchase depend on it. */
function readPurchaseData(text: string, invalidFields: InvalidField[]): { packageName?: string | undefined; data?: Readable } {
  const { claims, checks } = verify(text, '', null)
  const addError = (words: string, seen: string, expected: string) =>
    invalidFields.push({ field: 'purchase_data', text: words, seen, got: text, expected: `purchase data with ${expected}` })
  if (!claims) {
    addError('is not valid JSON', `purchase_data cannot be read: ${checks[0]?.detail}.`, 'the JSON object that Google signed')
    return {}
  }
  const members = membersOf(text)
  const shown = shownIn(text)
  // Data without a member for the package may be something else than purchase data, such as a Unity container.
  const form = () => (typeof members['packageName'] === 'string' ? '' : formClause(text))
  const blank = (field: string) =>
    addError(
      `${field} can't be blank`,
      `purchase_data has ${field} ${shown(field)}; it takes a string that is not empty${form()}.`,
      `a ${field} that is not empty`,
    )
  const { packageName, purchaseToken } = claims
  const productId = productIdOf(claims)
  const purchasedAt = isoDate(claims.purchaseTime)
  if (!packageName) blank('packageName')
  if (!productId) blank('productId')
  if (!purchaseToken) blank('purchaseToken')
  if (purchasedAt === undefined) {
    const isNumber = typeof members['purchaseTime'] === 'number'
    addError(
      isNumber ? 'purchaseTime is out of range' : 'purchaseTime must be a number of milliseconds',
      `purchase_data has purchaseTime ${shown('purchaseTime')}; it takes ${isNumber ? timeRange : 'Unix milliseconds as a number'}.`,
      `purchaseTime in ${isNumber ? timeRange : 'Unix milliseconds, a number'}`,
    )
  }
  if (!packageName) return {}
  if (!productId || !purchaseToken || purchasedAt === undefined) return { packageName }
  return { packageName, data: { claims, packageName, purchaseToken, productId, purchasedAt, warnings: warningsOf(members, shown) } }
}

const timeRange = `Unix milliseconds from ${earliestMoment} to ${latestMoment}, the years 0000 to 9999`

/** Returns every member of purchase data, also those with a type that Google does not send. */
function membersOf(text: string): JsonObject {
  const read = parseObject(text)
  return read.ok ? read.value : {}
}

/** Returns a function that shows a member of purchase data, a number with the digits that were sent. The text must be a JSON object. */
function shownIn(text: string): (name: string) => string {
  const members = once(() => parseWithLargeNumbers(text) as JsonObject)
  return (name) => show(members()[name])
}

function warningsOf(members: JsonObject, shown: (name: string) => string): string[] {
  const { claims, misfits } = claimsOf(members)
  const warnings = misfits
    .filter((name) => name !== 'quantity')
    .map((name) => `purchase_data has ${name} ${shown(name)}, which is not of the type that Google sends; it counts as absent.`)
  if ('quantity' in members && claims.quantity !== quantityOf(claims)) {
    warnings.push(`purchase_data has quantity ${shown('quantity')}; it takes a whole number from 1, so the quantity is 1.`)
  }
  return warnings
}

function quantityOf({ quantity }: PurchaseData): number {
  return quantity !== undefined && Number.isSafeInteger(quantity) && quantity > 0 ? quantity : 1
}
