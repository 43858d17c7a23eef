import { z } from 'zod'
import type { Item, Message } from './tables.js'

/** A message in the form of lists and claims, with its state by the clock. */
export function packetOf(message: Message, now: Date): z.infer<typeof packetShape> {
  const { appId, senderId, receiverId, items, recordedBy: _, ...shown } = message
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
      expiredTime: shown.expiryTime,
      expiryTime: shown.expiryTime,
    },
    items: items.map((item) => itemPacket(item, message)),
    existUnconfirmedItems: items.some((item) => item.confirmedTime === null),
  }
}

/** The state of a message; an unread one is expired after its expiry time, although its row says unread. */
export function stateOf(message: Message, now: Date): Message['state'] {
  const isOver = message.expiryTime !== null && message.expiryTime <= now.getTime()
  return isOver && message.state === 'unread' ? 'expired' : message.state
}

function itemPacket(item: Item, { regTime, modTime }: Message): z.infer<typeof itemShape> {
  const expiryTime = item.validityTime < 0 ? null : regTime + item.validityTime
  return {
    itemId: item.itemId,
    itemCode: item.itemCode,
    itemName: item.itemCode,
    quantity: item.quantity,
    state: item.confirmedTime !== null ? 'confirmed' : item.sentTime !== null ? 'sent' : 'registered',
    sentCount: item.sentCount,
    regTime,
    modTime,
    sentTime: item.sentTime,
    confirmedTime: item.confirmedTime,
    expiredTime: expiryTime,
    expiryTime,
    validityTime: item.validityTime,
  }
}

const time = z.int().nullable()

const itemShape = z.object({
  itemId: z.string(),
  itemCode: z.string(),
  itemName: z.string(),
  quantity: z.number(),
  state: z.enum(['registered', 'sent', 'confirmed']),
  sentCount: z.int(),
  regTime: z.int(),
  modTime: z.int(),
  sentTime: time,
  confirmedTime: time,
  expiredTime: z.number().nullable(),
  expiryTime: z.number().nullable(),
  validityTime: z.number(),
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
    expiredTime: time,
    expiryTime: time,
  }),
  items: z.array(itemShape),
  existUnconfirmedItems: z.boolean(),
})
