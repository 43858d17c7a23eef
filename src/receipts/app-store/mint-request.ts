import { z } from 'zod'
import { show } from '../../kernel/show.js'
import { itemTypes } from './claims.js'

const latest = Date.UTC(9999, 11, 31)
const when = z.union([z.iso.datetime({ offset: true }), z.iso.date(), z.int().min(0).max(latest)])

const mintItem = z.strictObject({
  productId: z.string().min(1),
  transactionId: z.string().min(1).optional(),
  originalTransactionId: z.string().min(1).optional(),
  quantity: z.int().min(1).max(0x7fffffff).optional(),
  purchaseDate: when.optional(),
  originalPurchaseDate: when.optional(),
  expiresDate: when.optional(),
  cancellationDate: when.optional(),
  /** As text, or as receipts number it. */
  type: z.union([z.literal(['consumable', 'non-consumable', 'auto-renewable', 'non-renewing']), z.int().min(0).max(4)]).optional(),
  trial: z.boolean().optional(),
  introOffer: z.boolean().optional(),
})
/** One purchase to put into a receipt; dates are ISO text or milliseconds since 1970. */
export type MintItem = z.infer<typeof mintItem>

/** Facts that no receipt has, for the row of the purchase and for signed data. */
const facts = {
  /** False: the store does not learn of the purchase. */
  register: z.boolean().optional(),
  /** In the currency's unit. */
  price: z.number().min(0).max(1_000_000).optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
    .optional(),
  /** ISO 3166-1, two or three letters. */
  storefront: z
    .string()
    .regex(/^[A-Z]{2,3}$/, 'must be an ISO 3166-1 code such as USA')
    .optional(),
  appAccountToken: z.guid().optional(),
  customer: z.string().min(1).optional(),
  /** ISO 8601 duration of one period; the purchase is then an auto-renewable subscription. */
  period: z.string().optional(),
  offer: z
    .strictObject({
      type: z.int().min(1).max(4),
      identifier: z.string().optional(),
      discountType: z.enum(['FREE_TRIAL', 'PAY_AS_YOU_GO', 'PAY_UP_FRONT', 'ONE_TIME']).optional(),
      period: z.string().optional(),
    })
    .optional(),
}

/** The body of the mint call: a receipt of either style, its purchases either in `items` or as one `productId`. */
export const appStoreRequest = z
  .strictObject({
    bundleId: z.string().min(1),
    appVersion: z.string().optional(),
    productId: z.string().min(1).optional(),
    transactionId: z.string().min(1).optional(),
    style: z.literal(['unified', 'transaction']).optional(),
    environment: z.literal(['Production', 'ProductionSandbox', 'Xcode']).optional(),
    items: z.array(mintItem).min(1).max(1000).optional(),
    tamper: z.literal(['signature', 'data', 'key']).optional(),
    /** Digest of the signature of unified receipts; old ones have SHA-1, the default is SHA-256. */
    digest: z.literal(['sha1', 'sha256']).optional(),
    /** Version of a transaction receipt's signature blob: 2 has a 1024 bit key, 3 (the default) one of 2048 bits. */
    version: z.literal([2, 3]).optional(),
    ...facts,
  })
  .refine((request) => request.productId !== undefined || request.items !== undefined, {
    path: ['productId'],
    error: 'give productId or items',
  })
  .refine((request) => request.style !== 'transaction' || request.environment !== 'Xcode', {
    path: ['environment'],
    error: 'Xcode makes unified receipts only',
  })
  .superRefine((request, check) => {
    for (const { path, message } of [...lostMembers(request), ...impossibleDates(request)])
      check.addIssue({ code: 'custom', path, message })
  })
/** See {@link appStoreRequest}. */
export type AppStoreRequest = z.infer<typeof appStoreRequest>

/** The purchases of a request: `items`, with the one of `productId` before them unless it is among them. */
export function itemsOf({ productId, transactionId: id, items = [] }: PurchaseMembers): MintItem[] {
  if (productId === undefined) return items
  const at = items.findIndex((item) => item.productId === productId)
  if (at < 0) return [{ productId, transactionId: id }, ...items]
  return items.map((item, index) => (index === at ? { ...item, transactionId: item.transactionId ?? id } : item))
}

/** Warnings of ids that the App Store Server API refuses, which a test of a server's own checks may want, and of items left out. */
export function warningsOf(request: PurchaseMembers): string[] {
  const purchases = itemsOf(request)
  const lost = request.style === 'transaction' ? purchases.length - 1 : 0
  const ids = purchases.flatMap((item) => [item.transactionId, item.originalTransactionId])
  const refused = [...new Set(ids)].filter((id) => id !== undefined && !/^\d{1,64}$/.test(id))
  return [
    ...(lost > 0
      ? [`A receipt of style transaction holds the purchase of ${show(request.productId)} alone; ${lost} more of items are not in it.`]
      : []),
    ...refused.map((id) => `The App Store Server API takes ids of 1 to 64 digits, so it refuses ${show(id)} with 4000006.`),
  ]
}

/** Members of a mint request that say what was bought. */
interface PurchaseMembers {
  productId?: string | undefined
  transactionId?: string | undefined
  style?: string | undefined
  items?: MintItem[] | undefined
}

interface Fault {
  path: (string | number)[]
  message: string
}

/** Returns the members that no receipt of the request could hold beside the others. */
function lostMembers(request: PurchaseMembers): Fault[] {
  const { productId, transactionId: id, style, items = [] } = request
  const purchases = itemsOf(request)
  const isNamed = items.some((item) => item.productId === productId)
  if (style === 'transaction' && purchases.length > 1 && !isNamed) {
    return [
      {
        path: ['items'],
        message: `style transaction has one purchase, and this request has ${purchases.length}; name one of the items with productId`,
      },
    ]
  }
  if (id !== undefined && !purchases.some((item) => item.productId === productId && item.transactionId === id)) {
    const message = productId === undefined ? 'belongs to productId, which is missing' : 'differs from the one of this product in items'
    return [{ path: ['transactionId'], message }]
  }
  // A purchase that is not among the items stands before them.
  const before = purchases.length - items.length
  return purchases.flatMap((item, at) => {
    const isRepeated = item.transactionId !== undefined && purchases.findIndex((other) => other.transactionId === item.transactionId) < at
    return isRepeated
      ? [{ path: ['items', at - before, 'transactionId'], message: 'is the id of an earlier purchase of this receipt' }]
      : []
  })
}

/** Returns the dates that no purchase can have, because they are in the wrong order. */
function impossibleDates({ items = [] }: PurchaseMembers): Fault[] {
  return items.flatMap((item, at) => {
    const [bought, first] = [msOf(item.purchaseDate), msOf(item.originalPurchaseDate)]
    const [ends, canceled] = [msOf(item.expiresDate), msOf(item.cancellationDate)]
    const starts = bought ?? first
    const faults: Fault[] = []
    const add = (name: keyof MintItem, message: string) => faults.push({ path: ['items', at, name], message })
    if (isBefore(bought, first)) add('originalPurchaseDate', 'is later than purchaseDate')
    if (isBefore(ends, starts) || (ends !== undefined && ends === starts)) add('expiresDate', 'must be later than the date of the purchase')
    if (isBefore(canceled, starts)) add('cancellationDate', 'is earlier than the date of the purchase')
    return faults
  })
}

type Moment = number | undefined

function msOf(date: string | number | undefined): Moment {
  return date === undefined ? undefined : new Date(date).getTime()
}

function isBefore(one: Moment, other: Moment): boolean {
  return one !== undefined && other !== undefined && one < other
}

/** Content of a unified receipt to mint. */
export type UnifiedRequest = Pick<AppStoreRequest, 'bundleId' | 'appVersion' | 'environment' | 'digest' | 'tamper'> & { items: MintItem[] }

/** Content of a transaction receipt to mint; it has one purchase and is never from Xcode. */
export type TransactionRequest = Pick<AppStoreRequest, 'bundleId' | 'appVersion' | 'version' | 'tamper'> & {
  item: MintItem
  environment?: 'Production' | 'ProductionSandbox'
}

/** The number receipts use for a purchase's type; a purchase with an end is a renewable subscription by default. */
export function typeNumber({ type, expiresDate }: MintItem): number {
  if (typeof type === 'number') return type
  return itemTypes[type ?? (expiresDate === undefined ? 'consumable' : 'auto-renewable')]
}
