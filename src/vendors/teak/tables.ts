import { z } from 'zod'
import type { VendorTables } from '../../contract.js'
import { table, type RowOf } from '../../kernel/table.js'

/** Platforms of a purchase; Amazon counts as android. */
export const platforms = ['ios', 'android', 'desktop'] as const

const games = table(
  z.strictObject({
    gameId: z.string().min(1),
    /** The server secret of `/v2` calls. */
    secretKey: z.string().min(1),
    /** The client key that SDK requests are signed with; absent: the server secret. */
    apiKey: z.string().min(1).optional(),
    /** Receives reward callbacks. */
    rewardUrl: z.url({ protocol: /^https?$/ }).optional(),
  }),
  ['gameId'],
)

const players = table(
  z.strictObject({
    gameId: z.string().min(1),
    userId: z.string().min(1),
    timezoneId: z.string().optional(),
    email: z.string().optional(),
    /** Player properties, which replace placeholders in deep links. */
    properties: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  }),
  ['gameId', 'userId'],
)

const sessions = table(
  z.strictObject({
    gameId: z.string(),
    sessionId: z.string(),
    userId: z.string(),
    /** Empty if it is not known. */
    countryCode: z.string(),
    timezoneId: z.string(),
    at: z.iso.datetime(),
    recordedBy: z.string().optional(),
  }),
  ['gameId', 'sessionId'],
)

const purchases = table(
  z.strictObject({
    gameId: z.string(),
    platformId: z.string(),
    /** Null once the player was deleted; totals stay. */
    userId: z.string().nullable(),
    /** US cents; negative: a withdrawal. */
    amount: z.number().int(),
    platform: z.enum(platforms),
    productName: z.string(),
    storeName: z.string(),
    happenedAt: z.iso.datetime(),
    /** Id of the traffic entry that recorded it; absent in seeds. */
    recordedBy: z.string().optional(),
  }),
  ['gameId', 'platformId'],
  {},
  (row) => ({
    player: row.userId,
    product: row.productName,
    ids: [row.platformId],
    amount: `${(row.amount / 100).toFixed(2)} USD`,
    state: row.amount < 0 ? 'withdrawn' : 'recorded',
    at: row.happenedAt,
  }),
)

/** Purchase reports of client SDKs. */
const sdkReports = table(
  z.strictObject({
    gameId: z.string(),
    /** The store's order or transaction id; a random one for failures. */
    reportId: z.string(),
    /** Null once the player was deleted. */
    userId: z.string().nullable(),
    productId: z.string().optional(),
    /** The reason if the purchase failed. */
    failure: z.string().optional(),
    body: z.record(z.string(), z.unknown()),
    at: z.iso.datetime(),
    recordedBy: z.string().optional(),
  }),
  ['gameId', 'reportId'],
  {},
  (row) => ({
    player: row.userId,
    product: row.productId,
    ids: [row.reportId],
    state: row.failure === undefined ? 'reported' : `failed: ${row.failure}`,
    at: row.at,
  }),
)

/** Teak's tables. */
export const tables = { games, players, purchases, sessions, sdkReports }

/** Teak's tables in a transaction. */
export type Db = VendorTables<typeof tables>

export type Game = RowOf<typeof games>
export type Player = RowOf<typeof players>
export type Purchase = RowOf<typeof purchases>
export type SdkReport = RowOf<typeof sdkReports>
export type Platform = Purchase['platform']
