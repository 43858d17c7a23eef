import { z } from 'zod'
import type { VendorTables } from '../../contract.js'
import { table, type RowOf } from '../../kernel/table.js'
import { privateKeyField, publicKeyField } from '../../receipts/key-fields.js'

const timestamp = z.iso.datetime()
const sellerSeq = z.string().regex(/^\d{12}$/, 'must be 12 digits')

/** Scopes of the Galaxy Store Developer API. */
export const scopes = ['publishing', 'gss'] as const
const scopeList = z.array(z.enum(scopes))

const sellers = table(
  z.strictObject({
    sellerSeq,
    name: z.string(),
    /** Signs notifications. Seller Portal shows its public half. */
    iapKey: privateKeyField,
  }),
  ['sellerSeq'],
)

const serviceAccounts = table(
  z.strictObject({
    id: z.uuid(),
    sellerSeq,
    /** SubjectPublicKeyInfo as PEM. */
    publicKey: publicKeyField,
    /** Scopes that its tokens can have. */
    scopes: scopeList,
  }),
  ['id'],
)

const apps = table(
  z.strictObject({
    packageName: z.string().min(1),
    sellerSeq,
    contentName: z.string().optional(),
    /** Instant Server Notifications; absent: none are sent. */
    isn: z
      .strictObject({
        url: z.url({ protocol: /^https?$/ }),
        /** True: each notification has a member that is not documented, as Samsung adds members over time. */
        extra: z.boolean().optional(),
        contentType: z
          .string()
          .regex(/^[!-~]+(?: [!-~]+)*$/, 'must be a header value of printable ASCII')
          .optional(),
      })
      .optional(),
    /** `manual`: only the `renew` action renews a subscription. */
    renewals: z.enum(['clock', 'manual']).optional(),
  }),
  ['packageName'],
)

const accessTokens = table(
  z.strictObject({
    token: z.string().min(1),
    serviceAccountId: z.string(),
    scopes: scopeList,
    revokedAt: timestamp.optional(),
  }),
  ['token'],
)

/** Payment plans: free trial, tiered price, regular. */
export const plans = ['F', 'T', 'R'] as const

/** Payments, one for each item, and one for each period of a subscription. */
const payments = table(
  z.strictObject({
    purchaseId: z.string().min(1),
    /** Key of the purchase in the marketplace. */
    firstPurchaseId: z.string().min(1),
    orderId: z.string().min(1),
    /** 0 for the first payment. */
    number: z.int().min(0),
    itemId: z.string().optional(),
    at: timestamp,
    /** End of the paid period of a subscription. */
    validUntil: timestamp.optional(),
    micros: z.int().min(0),
    currency: z.string(),
    plan: z.enum(plans).optional(),
    refundedAt: timestamp.optional(),
  }),
  ['purchaseId'],
  { byFirst: ({ firstPurchaseId }) => firstPurchaseId },
  (row) => ({
    product: row.itemId,
    ids: [row.orderId, row.purchaseId, row.firstPurchaseId],
    amount: `${(row.micros / 1_000_000).toFixed(2)} ${row.currency}`,
    state: row.refundedAt === undefined ? 'paid' : 'refunded',
    at: row.at,
  }),
)

/** Facts about a subscription that neither the marketplace nor its payments hold. */
const subscriptions = table(
  z.strictObject({
    firstPurchaseId: z.string().min(1),
    /** Time at which its end was announced; absent while it renews. */
    unsubscribedAt: timestamp.optional(),
  }),
  ['firstPurchaseId'],
)

/** Samsung's tables. */
export const tables = { sellers, serviceAccounts, apps, accessTokens, payments, subscriptions }

/** Samsung's tables in a transaction. */
export type Db = VendorTables<typeof tables>

export type App = RowOf<typeof apps>
export type Seller = RowOf<typeof sellers>
export type ServiceAccount = RowOf<typeof serviceAccounts>
export type Payment = RowOf<typeof payments>
export type Scope = (typeof scopes)[number]
