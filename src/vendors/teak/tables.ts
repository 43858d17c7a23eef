import { z } from 'zod'
import { table, type RowOf } from '../../kernel/table.js'

/** Where a purchase was made; Amazon counts as android. */
export const platforms = ['ios', 'android', 'desktop'] as const

const games = table(
  z.strictObject({
    gameId: z.string().min(1),
    /** The server secret of `/v2` calls. */
    secretKey: z.string().min(1),
    /** The client key that SDK requests are signed with; absent: the server secret. */
    apiKey: z.string().min(1).optional(),
    /** Where reward callbacks go. */
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
    /** Player properties, which deep links are filled from. */
    properties: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  }),
  ['gameId', 'userId'],
)

const sessions = table(
  z.strictObject({
    gameId: z.string(),
    sessionId: z.string(),
    userId: z.string(),
    /** Empty: not known. */
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
    /** Null once the player was deleted: totals stay. */
    userId: z.string().nullable(),
    /** US cents; negative: a withdrawal. */
    amount: z.number().int(),
    platform: z.enum(platforms),
    productName: z.string(),
    storeName: z.string(),
    happenedAt: z.iso.datetime(),
    /** The traffic entry that recorded it, absent in seeds. */
    recordedBy: z.string().optional(),
  }),
  ['gameId', 'platformId'],
)

/** What client SDKs reported of purchases in stores. */
const sdkReports = table(
  z.strictObject({
    gameId: z.string(),
    /** The store's order or transaction id; a random one for failures. */
    reportId: z.string(),
    /** Null once the player was deleted. */
    userId: z.string().nullable(),
    productId: z.string().optional(),
    /** Why the purchase failed, where it did. */
    failure: z.string().optional(),
    body: z.record(z.string(), z.unknown()),
    at: z.iso.datetime(),
    recordedBy: z.string().optional(),
  }),
  ['gameId', 'reportId'],
)

/** What Teak keeps. */
export const tables = { games, players, purchases, sessions, sdkReports }

export type Game = RowOf<typeof games>
export type Player = RowOf<typeof players>
export type Purchase = RowOf<typeof purchases>
export type SdkReport = RowOf<typeof sdkReports>
export type Platform = Purchase['platform']
