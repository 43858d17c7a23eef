import { lacking, mistyped, show, unknownPlayer, type Asked, type Db, type Decision, type Refusal } from './decision.js'
import { packetOf, stateOf } from './message-packet.js'
import { unknownBox } from './messages.js'
import { checkParameters, stringOf, type Parameter } from './parameters.js'
import type { Message } from './tables.js'

/** Hands out the items of messages that are not confirmed yet; until `finish` they may be handed out again. */
export async function claimMessages(db: Db, asked: Asked): Promise<Decision> {
  const found = await findMessages(db, asked)
  if (!Array.isArray(found)) return found
  const moment = asked.now.getTime()
  const claimed = found.map((message) => ({
    ...message,
    modTime: moment,
    items: message.items.map((item) => (item.confirmedTime === null ? { ...item, sentCount: item.sentCount + 1, sentTime: moment } : item)),
  }))
  for (const message of claimed) db.messages.put(message)
  const sentence = `Items of ${claimed.length} messages are on their way to player ${asked.playerId}; finish ends that.`
  return { kind: 'done', outcome: 'claimed', sentence, reply: { messages: claimed.map((message) => packetOf(message, asked.now)) } }
}

/** Confirms that the items of claimed messages reached the player, and marks the messages read. */
export async function finishMessages(db: Db, asked: Asked): Promise<Decision> {
  const found = await findMessages(db, asked)
  if (!Array.isArray(found)) return found
  const unclaimed = found.find((message) => message.items.some((item) => item.sentTime === null))
  if (unclaimed) {
    const sentence = `Items of message ${show(unclaimed.messageId)} were never claimed; /message/claim comes before /message/finish.`
    return { kind: 'refused', status: 406, outcome: 'not-claimed', desc: 'The message is not claimed', sentence }
  }
  const open = found.filter((message) => message.state === 'unread' || message.items.some((item) => item.confirmedTime === null))
  const moment = asked.now.getTime()
  for (const message of open) {
    const items = message.items.map((item) => ({ ...item, confirmedTime: item.confirmedTime ?? moment }))
    db.messages.put({ ...message, state: 'read', readTime: message.readTime ?? moment, modTime: moment, items })
  }
  if (open.length === 0)
    return { kind: 'done', outcome: 'repeated', sentence: 'All these messages were finished before; nothing changes.', reply: {} }
  return { kind: 'done', outcome: 'finished', sentence: `${open.length} messages are read and their items confirmed.`, reply: {} }
}

/** The player's own messages that are asked for, in the order asked, or why they cannot be had: all or none. */
async function findMessages(db: Db, { app, playerId, body, now }: Asked): Promise<Message[] | Refusal> {
  const fault = checkParameters(body, claimParameters) ?? (await unknownPlayer(db, app, playerId))
  if (fault) return fault
  const messageIds = messageIdsOf(body)
  if (!Array.isArray(messageIds)) return messageIds
  const box = stringOf(body['messageBoxId'])
  const refused = box === undefined ? undefined : await unknownBox(db, app.appId, box)
  if (refused) return refused
  const found: Message[] = []
  for (const messageId of new Set(messageIds)) {
    const message = await db.messages.get(app.appId, messageId)
    if (message?.receiverId !== playerId || (box !== undefined && message.messageBoxId !== box)) {
      return unavailable(`Message ${show(messageId)} does not lie in ${box === undefined ? 'a box' : `box ${box}`} of player ${playerId}.`)
    }
    const state = stateOf(message, now)
    if (state !== 'unread' && state !== 'read') return unavailable(`Message ${show(messageId)} is ${state}.`)
    found.push(message)
  }
  return found
}

/** The ids asked for: a list, or a single one. */
function messageIdsOf(body: Readonly<Record<string, unknown>>): string[] | Refusal {
  const single = stringOf(body['messageId'])
  const list = body['messageIds'] ?? (single === undefined ? [] : [single])
  if (!Array.isArray(list) || list.length === 0) return lacking('messageIds', body['messageIds'], 'a list of message ids')
  const messageIds: string[] = []
  for (const [at, entry] of (list as unknown[]).entries()) {
    const messageId = stringOf(entry)
    if (messageId === undefined) return mistyped(`messageIds[${at}]`, entry, 'a message id')
    messageIds.push(messageId)
  }
  return messageIds
}

function unavailable(sentence: string): Refusal {
  return { kind: 'refused', status: 406, outcome: 'unknown-message', desc: 'There is no message', sentence }
}

/** The parameters of claiming and finishing. */
export const claimParameters: readonly Parameter[] = [
  { name: 'messageBoxId', type: 'String' },
  { name: 'messageIds', type: 'List', entries: 'String', description: 'Mandatory unless messageId is there' },
  { name: 'messageId', type: 'String', description: 'A single one' },
]
