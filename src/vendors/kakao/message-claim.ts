import { expectedMember } from '../../kernel/expected-member.js'
import { show } from '../../kernel/show.js'
import { lacking, mistyped, unknownPlayer, type Asked, type Db, type Decision, type Refusal } from './decision.js'
import { packetOf, stateOf } from './message-packet.js'
import { unknownBox } from './messages.js'
import { checkParameters, isAbsent, stringOf, type Parameter } from './parameters.js'
import { indexKey, type Message } from './tables.js'

/** Returns messages with their items and marks unconfirmed items as sent. Until `finish` the client may claim them again. */
export async function claimMessages(db: Db, asked: Asked): Promise<Decision> {
  const found = await findMessages(db, asked)
  if (!Array.isArray(found)) return found
  const timeMs = asked.now.getTime()
  const claimed = found.map((message) => ({
    ...message,
    modTime: timeMs,
    items: message.items.map((item) => (item.confirmedTime === null ? { ...item, sentCount: item.sentCount + 1, sentTime: timeMs } : item)),
  }))
  for (const message of claimed) db.messages.put(message)
  const sent = claimed.filter(hasOpenItem)
  const sentence =
    sent.length === 0
      ? `Every item of ${messageCount(claimed)} is confirmed, so none is sent to player ${asked.playerId} again.`
      : `Items of ${messageCount(sent)} are sent to player ${asked.playerId}; /message/finish confirms them.`
  return { kind: 'done', outcome: 'claimed', sentence, reply: { messages: claimed.map((message) => packetOf(message, asked.now)) } }
}

/** Confirms that the items of claimed messages reached the player, and marks the messages read. */
export async function finishMessages(db: Db, asked: Asked): Promise<Decision> {
  const found = await findMessages(db, asked)
  if (!Array.isArray(found)) return found
  const unclaimed = found.find((message) => message.items.some((item) => item.sentTime === null))
  if (unclaimed) {
    const sentence = `Items of message ${show(unclaimed.messageId)} were never claimed; call /message/claim before /message/finish.`
    return { kind: 'refused', status: 406, outcome: 'not-claimed', desc: 'The message is not claimed', sentence, expected: [] }
  }
  const open = found.filter((message) => message.state === 'unread' || hasOpenItem(message))
  const timeMs = asked.now.getTime()
  for (const message of open) {
    const items = message.items.map((item) => ({ ...item, confirmedTime: item.confirmedTime ?? timeMs }))
    db.messages.put({ ...message, state: 'read', readTime: message.readTime ?? timeMs, modTime: timeMs, items })
  }
  if (open.length === 0)
    return { kind: 'done', outcome: 'repeated', sentence: 'All these messages were finished before; nothing changes.', reply: {} }
  return { kind: 'done', outcome: 'finished', sentence: `${messageCount(open)} marked as read, with confirmed items.`, reply: {} }
}

function hasOpenItem({ items }: Message): boolean {
  return items.some(({ confirmedTime }) => confirmedTime === null)
}

/** Returns the player's messages with the sent ids, in that order, or the refusal of the first id that cannot be claimed. */
async function findMessages(db: Db, asked: Asked): Promise<Message[] | Refusal> {
  const { app, playerId, body, now } = asked
  const invalid = checkParameters(body, claimParameters) ?? (await unknownPlayer(db, app, playerId))
  if (invalid) return invalid
  const messageIds = messageIdsOf(body)
  if (!Array.isArray(messageIds)) return messageIds
  const box = stringOf(body['messageBoxId'])
  const refused = box === undefined ? undefined : await unknownBox(db, app.appId, { messageBoxId: box })
  if (refused) return refused
  const found: Message[] = []
  for (const messageId of new Set(messageIds)) {
    const message = await db.messages.get(app.appId, messageId)
    if (message?.receiverId !== playerId || (box !== undefined && message.messageBoxId !== box)) {
      const sentence = `Message ${show(messageId)} is not in ${box === undefined ? 'a box' : `box ${box}`} of player ${playerId}.`
      return unavailable(db, asked, { messageId, sentence })
    }
    if (!isAvailable(message, now)) {
      return unavailable(db, asked, { messageId, sentence: `Message ${show(messageId)} is ${stateOf(message, now)}.` })
    }
    found.push(message)
  }
  return found
}

/** The ids of `messageIds`, or the one of `messageId`. */
function messageIdsOf(body: Readonly<Record<string, unknown>>): string[] | Refusal {
  const { messageIds: sent, messageId: single } = body
  const list = isAbsent(sent) && !isAbsent(single) ? [single] : sent
  if (!Array.isArray(list) || list.length === 0) return lacking('messageIds', sent, 'a list of message ids')
  const messageIds: string[] = []
  for (const [at, entry] of (list as unknown[]).entries()) {
    const messageId = stringOf(entry)
    if (messageId === undefined) return mistyped(`messageIds[${at}]`, entry, 'a message id')
    messageIds.push(messageId)
  }
  return messageIds
}

async function unavailable(
  db: Db,
  { app, playerId, body, now }: Asked,
  { messageId, sentence }: { messageId: string; sentence: string },
): Promise<Refusal> {
  const box = stringOf(body['messageBoxId'])
  const own = await db.messages.where('byReceiver', indexKey(app.appId, playerId))
  const other = own.find((message) => isAvailable(message, now) && (box === undefined || message.messageBoxId === box))
  const list = body['messageIds']
  const path = Array.isArray(list) ? ['body', 'messageIds', list.indexOf(messageId)] : ['body', 'messageId']
  const expected = expectedMember(path, messageId, other?.messageId ?? 'the messageId of an unread message, sent by /message/send')
  return { kind: 'refused', status: 406, outcome: 'unknown-message', desc: 'There is no message', sentence, expected: [expected] }
}

function isAvailable(message: Message, now: Date): boolean {
  const state = stateOf(message, now)
  return state === 'unread' || state === 'read'
}

function messageCount({ length }: readonly Message[]): string {
  return length === 1 ? '1 message' : `${length} messages`
}

/** The parameters of claiming and finishing. */
export const claimParameters: readonly Parameter[] = [
  { name: 'messageBoxId', type: 'String' },
  { name: 'messageIds', type: 'List', entries: 'String', description: 'Mandatory without messageId' },
  { name: 'messageId', type: 'String', description: 'A single one' },
]
