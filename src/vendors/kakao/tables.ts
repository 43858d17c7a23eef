import { z } from 'zod'
import { table, type RowOf } from '../../kernel/table.js'

const id = z.string().min(1)
const milliseconds = z.number().int()
const json = z.record(z.string(), z.unknown())
/** The digits of a Long that a double would change. */
const longDigits = z.string().regex(/^-?[1-9]\d{0,18}$/)
const long = z.union([z.number(), longDigits]).describe('A string of digits if a double would change the number')

const apps = table(
  z.strictObject({
    appId: id,
    appSecret: id,
    adminKey: id,
    /** True: players that are not in `players` are refused with 406. */
    strict: z.boolean().optional(),
    /** True: doubtful values are refused with 400, not only warned of. */
    strictValues: z.boolean().optional(),
    /** Number of wrong admin keys within a minute that block their address until `reset`; absent: never. */
    blockAfterBadKeys: z.number().int().min(1).optional(),
    /** Country in the reply of `/util/country/get`; absent: `us`, as captured. */
    country: id.optional(),
  }),
  ['appId'],
)

const players = table(z.strictObject({ appId: id, playerId: id, memberKey: id.optional() }), ['appId', 'playerId'])

const accessTokens = table(
  z.strictObject({
    appId: id,
    zat: id,
    playerId: id,
    lang: z.string().optional(),
    market: z.string().optional(),
    country: z.string().optional(),
  }),
  ['appId', 'zat'],
  { byPlayer: (row) => indexKey(row.appId, row.playerId) },
)

const messageBoxes = table(z.strictObject({ appId: id, messageBoxId: id }), ['appId', 'messageBoxId'])

const purchaseLogs = table(
  z.strictObject({
    logId: id,
    appId: z.string(),
    playerId: z.string(),
    body: json,
    warnings: z.array(z.string()),
    /** The decimal literal of `price`, which a JSON number in `body` may round. */
    price: z.string().optional(),
    at: z.iso.datetime().optional(),
    /** Id of the traffic entry that recorded it; absent in seeds. */
    recordedBy: z.string().optional(),
  }),
  ['logId'],
  {},
  ({ logId, playerId, body, price, warnings, at }) => ({
    player: playerId,
    product: textOf(body['marketProductId']),
    ids: [textOf(body['marketOrderId']), textOf(body['purchaseToken']), logId],
    amount: price === undefined ? undefined : `${price} ${textOf(body['currency']) ?? ''}`.trimEnd(),
    state: warnings.length > 0 ? 'recorded with warnings' : 'recorded',
    at,
  }),
)

/** The logs that are not about purchases, with any fields. */
const logs = table(
  z.strictObject({
    logId: id,
    api: z.string(),
    appId: z.string(),
    playerId: z.string().optional(),
    body: json,
    at: z.iso.datetime().optional(),
    recordedBy: z.string().optional(),
  }),
  ['logId'],
)

const item = z.strictObject({
  itemId: id,
  itemCode: id,
  quantity: long,
  /** Milliseconds from sending; negative: no expiry. */
  validityTime: long,
  sentCount: z.number().int(),
  sentTime: milliseconds.nullable(),
  confirmedTime: milliseconds.nullable(),
})

const map = json.optional().describe('Numbers whose digits JavaScript would change are kept as {"$number":"12.10"}')

const messages = table(
  z.strictObject({
    appId: id,
    messageId: id,
    /** Grows with each message of an app: the order of pages, and their key. */
    deliverySeq: z.number().int(),
    messageBoxId: id,
    senderId: z.string(),
    receiverId: id,
    title: z.string().optional(),
    body: z.string().optional(),
    titleMap: map,
    bodyMap: map,
    resourceMap: map,
    state: z.enum(['unread', 'read', 'error', 'deleted', 'expired']),
    regTime: milliseconds,
    modTime: milliseconds,
    readTime: milliseconds.nullable(),
    expiryTime: z.union([milliseconds, longDigits]).nullable().describe('A string of digits if a double would change the number'),
    items: z.array(item),
    recordedBy: z.string().optional(),
  }),
  ['appId', 'messageId'],
  { inbox: (row) => indexKey(row.appId, row.receiverId, row.messageBoxId), byReceiver: (row) => indexKey(row.appId, row.receiverId) },
)

/** The last `deliverySeq` of an app. */
const messageSequences = table(z.strictObject({ appId: id, last: z.number().int() }), ['appId'])

/** Wrong admin keys by remote address, kept only for apps with `blockAfterBadKeys`. */
const badAdminKeys = table(
  z.strictObject({
    appId: id,
    address: z.string(),
    /** Their times within the last minute. */
    at: z.array(milliseconds),
    blocked: z.boolean(),
  }),
  ['appId', 'address'],
)

/** Kakao's tables. */
export const tables = { apps, players, accessTokens, messageBoxes, purchaseLogs, logs, messages, messageSequences, badAdminKeys }

export type App = RowOf<typeof apps>
export type Message = RowOf<typeof messages>
export type Item = Message['items'][number]
/** A Long in a row: a number, or its digits. */
export type Long = z.infer<typeof long>

/** One index value of several strings. */
export function indexKey(...parts: string[]): string {
  return JSON.stringify(parts)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
