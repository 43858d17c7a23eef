import { z } from 'zod'
import type { NumberLiteral } from '../../kernel/json/exact.js'
import { rowLong } from './parameters.js'
import type { Item, Long, Message } from './tables.js'

/** A message in the form of lists and claims, with its state by the clock. A number that a double would change is a literal of exact.ts. */
export function packetOf(message: Message, now: Date): z.infer<typeof packetShape> {
  const { appId, senderId, receiverId, items, recordedBy: _, ...shown } = message
  const expiryTime = shown.expiryTime === null ? null : exactLong(shown.expiryTime)
  return {
    appId,
    senderId,
    receiverId,
    message: {
      deliverySeq: shown.deliverySeq,
      messageId: shown.messageId,
      messageBoxId: shown.messageBoxId,
      senderAppId: appId,
      senderId,
      receiverAppId: appId,
      receiverId,
      title: shown.title ?? null,
      body: shown.body ?? null,
      titleMap: shown.titleMap ?? {},
      bodyMap: shown.bodyMap ?? {},
      resourceMap: shown.resourceMap ?? {},
      state: stateOf(message, now),
      regTime: shown.regTime,
      modTime: shown.modTime,
      readTime: shown.readTime,
      expiredTime: expiryTime,
      expiryTime,
    },
    items: items.map((item) => itemPacket(item, message)),
    existUnconfirmedItems: items.some((item) => item.confirmedTime === null),
  }
}

/** The state of a message; an unread one is expired after its expiry time, although its row says unread. */
export function stateOf(message: Message, now: Date): Message['state'] {
  const isOver = message.expiryTime !== null && Number(message.expiryTime) <= now.getTime()
  return isOver && message.state === 'unread' ? 'expired' : message.state
}

function itemPacket(item: Item, { regTime, modTime }: Message): z.infer<typeof itemShape> {
  const expiry = expiryOf(item.validityTime, regTime)
  const expiryTime = expiry === null ? null : exactLong(expiry)
  return {
    itemId: item.itemId,
    itemCode: item.itemCode,
    itemName: item.itemCode,
    quantity: exactLong(item.quantity),
    state: item.confirmedTime !== null ? 'confirmed' : item.sentTime !== null ? 'sent' : 'registered',
    sentCount: item.sentCount,
    regTime,
    modTime,
    sentTime: item.sentTime,
    confirmedTime: item.confirmedTime,
    expiredTime: expiryTime,
    expiryTime,
    validityTime: exactLong(item.validityTime),
  }
}

/** The time at which an item expires, at most the largest Long. */
function expiryOf(validityTime: Long, regTime: number): Long | null {
  if (Number(validityTime) < 0) return null
  // Seeds may hold a fraction.
  if (typeof validityTime === 'number' && !Number.isInteger(validityTime)) return regTime + validityTime
  const expiry = BigInt(regTime) + BigInt(validityTime)
  return rowLong(expiry > largestLong ? largestLong : expiry)
}

function exactLong(value: Long): number | NumberLiteral {
  return typeof value === 'string' ? { $number: value } : value
}

const largestLong = 2n ** 63n - 1n

const time = z.int().nullable()
/** Documented as a number; a literal is written as one. */
const long: z.ZodType<number | NumberLiteral> = z.number()

const itemShape = z.object({
  itemId: z.string(),
  itemCode: z.string(),
  itemName: z.string(),
  quantity: long,
  state: z.enum(['registered', 'sent', 'confirmed']),
  sentCount: z.int(),
  regTime: z.int(),
  modTime: z.int(),
  sentTime: time,
  confirmedTime: time,
  expiredTime: long.nullable(),
  expiryTime: long.nullable(),
  validityTime: long,
})

const map = z.record(z.string(), z.unknown())

/** One entry of a list of messages. */
export const packetShape = z.object({
  appId: z.string(),
  senderId: z.string(),
  receiverId: z.string(),
  message: z.object({
    deliverySeq: z.int(),
    messageId: z.string(),
    messageBoxId: z.string(),
    senderAppId: z.string(),
    senderId: z.string(),
    receiverAppId: z.string(),
    receiverId: z.string(),
    title: z.string().nullable(),
    body: z.string().nullable(),
    titleMap: map,
    bodyMap: map,
    resourceMap: map,
    state: z.enum(['unread', 'read', 'error', 'deleted', 'expired']),
    regTime: z.int(),
    modTime: z.int(),
    readTime: time,
    expiredTime: long.nullable(),
    expiryTime: long.nullable(),
  }),
  items: z.array(itemShape),
  existUnconfirmedItems: z.boolean(),
})
