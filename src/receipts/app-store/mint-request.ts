import { z } from 'zod'
import { itemTypes } from './claims.js'

const latest = Date.UTC(9999, 11, 31)
const when = z.union([z.iso.datetime({ offset: true }), z.iso.date(), z.int().min(0).max(latest)])

/** One purchase to put into a receipt; dates are ISO text or milliseconds. */
export const mintItem = z.strictObject({
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
/** See {@link mintItem}. */
export type MintItem = z.infer<typeof mintItem>

const common = {
  bundleId: z.string().min(1),
  appVersion: z.string().optional(),
  tamper: z.literal(['signature', 'data', 'key']).optional(),
}

/** What a unified receipt shall say. */
export const unifiedRequest = z.strictObject({
  ...common,
  items: z.array(mintItem).max(1000),
  environment: z.literal(['Production', 'ProductionSandbox', 'Xcode']).optional(),
  digest: z.literal(['sha1', 'sha256']).optional(),
})
/** See {@link unifiedRequest}. */
export type UnifiedRequest = z.infer<typeof unifiedRequest>

/** What a transaction receipt shall say; it holds one purchase. */
export const transactionRequest = z.strictObject({
  ...common,
  item: mintItem,
  environment: z.literal(['Production', 'ProductionSandbox']).optional(),
  /** Version of the signature blob: 2 has a 1024 bit key, 3 (the default) one of 2048 bits. */
  version: z.literal([2, 3]).optional(),
})
/** See {@link transactionRequest}. */
export type TransactionRequest = z.infer<typeof transactionRequest>

/** The body of the mint call: a receipt of either style, its purchases either in `items` or as one `productId`. */
export const appStoreRequest = z
  .strictObject({
    ...common,
    productId: z.string().min(1).optional(),
    transactionId: z.string().min(1).optional(),
    style: z.literal(['unified', 'transaction']).optional(),
    environment: z.literal(['Production', 'ProductionSandbox', 'Xcode']).optional(),
    items: z.array(mintItem).min(1).max(1000).optional(),
    digest: z.literal(['sha1', 'sha256']).optional(),
    version: z.literal([2, 3]).optional(),
  })
  .refine((request) => request.productId !== undefined || request.items !== undefined, {
    path: ['productId'],
    error: 'give productId or items',
  })
  .refine((request) => request.style !== 'transaction' || request.environment !== 'Xcode', {
    path: ['environment'],
    error: 'Xcode makes unified receipts only',
  })
/** See {@link appStoreRequest}. */
export type AppStoreRequest = z.infer<typeof appStoreRequest>

/** The number receipts use for a purchase's type; a purchase with an end is a renewable subscription unless told otherwise. */
export function typeNumber({ type, expiresDate }: MintItem): number {
  if (typeof type === 'number') return type
  return itemTypes[type ?? (expiresDate === undefined ? 'consumable' : 'auto-renewable')]
}
