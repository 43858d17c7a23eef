import { expectedMember } from '../../kernel/expected-member.js'
import { show } from '../../kernel/show.js'
import { unknownPlayer, type Asked, type Db, type Decision, type Refusal } from './decision.js'
import { checkContent, contentOf, itemsOf, newItem } from './message-content.js'
import { longOf, mapOf, rowLong, stringOf } from './parameters.js'

/** Puts a message into a player's box. A message id that was sent before gets the same reply and is not sent twice. */
export async function sendMessage(db: Db, asked: Asked): Promise<Decision> {
  const { app, playerId, body, now } = asked
  const { appId } = app
  const invalid = checkContent(body) ?? (await unknownPlayer(db, app, playerId))
  if (invalid) return invalid
  const receiverId = stringOf(body['receiverId']) ?? ''
  const content = mapOf(body['message']) ?? {}
  const messageBoxId = stringOf(content['messageBoxId']) ?? ''
  const refused =
    (await unknownPlayer(db, app, receiverId, ['body', 'receiverId'])) ??
    (await unknownBox(db, appId, { messageBoxId, path: ['body', 'message', 'messageBoxId'] }))
  if (refused) return refused

  const messageId = stringOf(content['messageId']) ?? asked.ids.uuid()
  const first = await db.messages.get(appId, messageId)
  if (first) {
    const where = first.recordedBy === undefined ? 'in the seed' : `in request ${first.recordedBy}`
    const sentence = `Message ${show(messageId)} was first sent ${where}; it is not sent twice.`
    return { kind: 'done', outcome: 'repeated', sentence, reply: { messageId } }
  }
  const deliverySeq = ((await db.messageSequences.get(appId))?.last ?? 0) + 1
  db.messageSequences.put({ appId, last: deliverySeq })
  const sentAt = now.getTime()
  const expiryTime = longOf(content['expiryTime'])
  db.messages.put({
    appId,
    messageId,
    deliverySeq,
    messageBoxId,
    senderId: playerId,
    receiverId,
    ...contentOf(content),
    state: 'unread',
    regTime: sentAt,
    modTime: sentAt,
    readTime: null,
    expiryTime: expiryTime === undefined ? null : rowLong(expiryTime),
    items: itemsOf(body).map((entry) => newItem(entry, asked.ids.uuid())),
    recordedBy: asked.requestId,
  })
  const sentence = `Message ${show(messageId)} is in box ${messageBoxId} of player ${receiverId}.`
  return { kind: 'done', outcome: 'sent', sentence, reply: { messageId } }
}

/** The refusal of a message box that the app does not have; `path` is the member that names the box. */
export async function unknownBox(
  db: Db,
  appId: string,
  { messageBoxId, path = ['body', 'messageBoxId'] }: { messageBoxId: string; path?: readonly string[] },
): Promise<Refusal | undefined> {
  if (await db.messageBoxes.get(appId, messageBoxId)) return undefined
  const sentence = `Message box ${show(messageBoxId)} is not in kakao.messageBoxes of app ${appId}.`
  const known = (await db.messageBoxes.list()).find((box) => box.appId === appId)?.messageBoxId
  const expected = expectedMember(path, messageBoxId, known ?? `the messageBoxId of a row of kakao.messageBoxes of app ${appId}`)
  return { kind: 'refused', status: 461, outcome: 'unknown-box', desc: 'Invalid message box', sentence, expected: [expected] }
}
