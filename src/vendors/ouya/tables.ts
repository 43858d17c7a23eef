import { z } from 'zod'
import { keyFrom, table, type RowOf } from '../../kernel/table.js'
import { privateKeyField, publicKeyField } from '../../receipts/key-fields.js'

const cents = z.int().min(0)
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be a currency code of three capital letters')

const developers = table(
  z.strictObject({
    developerId: z.string().min(1),
    name: z.string(),
    currency: currency.optional(),
    /** User name of the account that gets this developer's products free. */
    owner: z.string().optional(),
  }),
  ['developerId'],
)

const games = table(
  z.strictObject({
    package: z.string().min(1),
    developerId: z.string().min(1),
    title: z.string().optional(),
    /** The private half of the `key.der` that the game ships with. */
    applicationPrivateKey: privateKeyField,
    /** False: consoles with the plain-purchases patch are refused. */
    plain: z.boolean().optional(),
    /** Listing of the game in the launcher; absent members get plausible values. */
    listing: z
      .strictObject({
        image: z.string().optional(),
        contentRating: z.string().optional(),
        genres: z.array(z.string()).optional(),
        gamerNumbers: z.array(z.int()).optional(),
        premium: z.boolean().optional(),
        updatedAt: z.iso.datetime().optional(),
        versionUuid: z.string().optional(),
        versionNumber: z.string().optional(),
        md5sum: z.string().optional(),
        ratingCount: z.int().optional(),
        ratingAverage: z.number().optional(),
        /** Identifier; absent: the developer's first entitlement. */
        promotedProduct: z.string().optional(),
      })
      .optional(),
  }),
  ['package'],
  { byDeveloper: (row) => row.developerId },
)

const products = table(
  z.strictObject({
    developerId: z.string().min(1),
    identifier: z.string().min(1),
    name: z.string(),
    description: z.string().optional(),
    type: z.enum(['entitlement', 'consumable', 'subscription']),
    priceInCents: cents,
    /** Currency units; absent: the cents over 100. */
    localPrice: z.number().min(0).optional(),
    percentOff: z.number().min(0).max(100).optional(),
    /** True: what is bought in one game of the developer is listed in all of them. */
    crossGame: z.boolean().optional(),
    /** Result of each payment; absent: wallet, then card. */
    payment: z.enum(['accept', 'declined', 'insufficient-credit', 'no-payment-method']).optional(),
  }),
  ['developerId', 'identifier'],
  { byDeveloper: (row) => row.developerId },
)

const gamers = table(
  z.strictObject({
    username: z.string().min(1),
    password: z.string(),
    uuid: z.string().min(1),
    token: z.string().min(1),
    email: z.string().optional(),
    /** The key that the console uploaded last. */
    key: publicKeyField.optional(),
    /** The private half, if the sandbox acts as the console. */
    privateKey: privateKeyField.optional(),
    /** Wallet, in cents. */
    balance: cents.optional(),
    currency: currency.optional(),
    creditCard: z.strictObject({ provider: z.string(), lastFour: z.string(), expiresAt: z.string() }).optional(),
    /** The third party's one-time token while a card is being entered. */
    cardToken: z.string().optional(),
    /** True: the token was ended by DELETE, or never issued; the next login makes a new one. */
    signedOut: z.boolean().optional(),
    /** True: receipt lists are sent in plain mode. Set by the gamer's last purchase. */
    plain: z.boolean().optional(),
    founder: z.boolean().optional(),
    /** Forge TV profile. */
    nickname: z.string().optional(),
    avatar: z.string().optional(),
    /** Serial numbers, the last one registered at the end. */
    consoles: z.array(z.string()).optional(),
    /** Agreed versions; absent: the required ones. */
    agreements: z.strictObject({ marketplace: z.int(), privacy: z.int() }).optional(),
    gender: z.enum(['unknown', 'male', 'female']).optional(),
    /** MM/dd/yyyy, as sent. */
    dateOfBirth: z.string().optional(),
    emailOptOut: z.boolean().optional(),
    /** The traffic entry that registered them, absent in seeds. */
    recordedBy: z.string().optional(),
  }),
  ['username'],
  {
    byToken: (row) => (row.signedOut === true ? undefined : row.token),
    byEmail: (row) => row.email?.toLowerCase(),
  },
)

const vouchers = table(
  z.strictObject({
    code: z.string().min(1),
    productId: z.string().min(1),
    package: z.string().min(1),
    /** User name. */
    redeemedBy: z.string().optional(),
    recordedBy: z.string().optional(),
  }),
  ['code'],
)

const purchases = table(
  z.strictObject({
    username: z.string().min(1),
    /** The game's order id. */
    uuid: z.string().min(1),
    identifier: z.string().min(1),
    package: z.string().min(1),
    type: z.enum(['entitlement', 'consumable', 'subscription']).optional(),
    priceInCents: cents.optional(),
    localPrice: z.number().optional(),
    currency: currency.optional(),
    purchasedAt: z.iso.datetime().optional(),
    paidWith: z.enum(['wallet', 'card', 'wallet-and-card', 'voucher', 'nothing']).optional(),
    /** Cents that the wallet paid, the first time and with each renewal. */
    fromWallet: cents.optional(),
    /** Subscriptions: the end of the paid period, and the number of paid periods. */
    periodEndsAt: z.iso.datetime().optional(),
    periods: z.int().min(1).optional(),
    /** False: cancelled, it ends with its period. */
    autoRenewing: z.boolean().optional(),
    /** Time and reason of the end of a subscription or of a revocation. */
    endedAt: z.iso.datetime().optional(),
    endedBecause: z.string().optional(),
    /** The traffic entry that recorded it, absent in seeds. */
    recordedBy: z.string().optional(),
  }),
  ['username', 'uuid'],
  {
    byGamer: (row) => row.username,
    /** Leaves out consumables: there may be thousands, and they are neither owned nor listed. */
    kept: (row) => (row.type === 'consumable' ? undefined : row.username),
    keptProduct: (row) => (row.type === 'consumable' ? undefined : keyFrom([row.username, row.identifier])),
  },
  (row) => ({
    player: row.username,
    product: row.identifier,
    ids: [row.uuid],
    amount: amountOf(row),
    state: row.endedAt === undefined ? row.type : `ended: ${row.endedBecause ?? 'no reason given'}`,
    at: row.purchasedAt,
  }),
)

/** The price that the gamer saw, else the one in US cents. */
function amountOf(row: {
  localPrice?: number | undefined
  currency?: string | undefined
  priceInCents?: number | undefined
}): string | undefined {
  if (row.localPrice !== undefined && row.currency !== undefined) return `${row.localPrice} ${row.currency}`
  return row.priceInCents === undefined ? undefined : `${(row.priceInCents / 100).toFixed(2)} USD`
}

/** Tables of OUYA. */
export const tables = { developers, games, products, gamers, vouchers, purchases }

export type Developer = RowOf<typeof developers>
export type Game = RowOf<typeof games>
export type Product = RowOf<typeof products>
export type Gamer = RowOf<typeof gamers>
export type Purchase = RowOf<typeof purchases>
