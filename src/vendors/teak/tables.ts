import { z } from 'zod'
import { table, type RowOf } from '../../kernel/table.js'

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

const players = table(z.strictObject({ gameId: z.string().min(1), userId: z.string().min(1) }), ['gameId', 'userId'])

const purchases = table(
  z.strictObject({
    gameId: z.string(),
    platformId: z.string(),
    /** Null once the player was deleted: totals stay. */
    userId: z.string().nullable(),
    /** US cents; negative: a withdrawal. */
    amount: z.number().int(),
    platform: z.enum(['ios', 'android', 'desktop']),
    productName: z.string(),
    storeName: z.string(),
    happenedAt: z.iso.datetime(),
    /** The traffic entry that recorded it, absent in seeds. */
    recordedBy: z.string().optional(),
  }),
  ['gameId', 'platformId'],
)

/** What Teak keeps. */
export const tables = { games, players, purchases }

export type Game = RowOf<typeof games>
export type Purchase = RowOf<typeof purchases>
export type Platform = Purchase['platform']
