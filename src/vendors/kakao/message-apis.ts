import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import type { Api } from './api.js'
import { claimMessages, finishMessages } from './message-claim.js'
import { listMessages } from './message-list.js'
import { packetShape } from './message-packet.js'
import { sendMessage } from './messages.js'

const map = z.record(z.string(), z.unknown())
const long = z.union([z.number(), z.string()])

const send: Api = {
  name: 'message/send',
  summary: 'Send a message with items to a player',
  evidence: evidence('documented', 'vendor pages, Message', [
    'item codes are not checked against a list of items',
    'senderAppId, receiverIdType and checkPlayer of later generations are ignored',
  ]),
  body: z.looseObject({
    receiverId: z.string(),
    message: z.looseObject({
      messageBoxId: z.string(),
      messageId: z.string().max(64).nullish().describe('The same id again is answered and not sent twice'),
      title: z.string().nullish(),
      body: z.string().nullish(),
      titleMap: map.nullish(),
      bodyMap: map.nullish(),
      resourceMap: map.nullish(),
      expiryTime: long.nullish().describe('Unix milliseconds'),
    }),
    items: z.array(z.looseObject({ itemCode: z.string(), quantity: long, validityTime: long.nullish() })).nullish(),
  }),
  example: {
    receiverId: '123412341234',
    message: { messageBoxId: 'inbox', title: 'Reward', body: 'Thank you' },
    items: [{ itemCode: 'gem', quantity: 5, validityTime: 604800000 }],
  },
  reply: z.object({ messageId: z.string() }),
  replyExample: { messageId: 'c21c6dfe-c13b-46ff-9946-961d28beb914' },
  outcomes: { sent: 200, repeated: 200, 'unknown-player': 406, 'unknown-box': 461 },
  decide: sendMessage,
}

const list: Api = {
  name: 'message/getList',
  summary: 'List the messages in a player’s box',
  evidence: evidence('documented', 'vendor page, Server API Example (/message)', ['entries have the form of a later generation’s example']),
  body: z.looseObject({
    messageBoxId: z.string(),
    count: long.describe('At most 100'),
    nextPageKey: long.nullish().describe('From the page before; absent: the first page'),
    states: z.array(z.string()).nullish().describe('unread, read, error, deleted, expired; absent: unread and read'),
  }),
  example: { messageBoxId: 'inbox', count: 20 },
  reply: z.object({ nextPageKey: z.int(), messages: z.array(packetShape), totalCount: z.int(), maxCount: z.int() }),
  outcomes: { listed: 200, 'unknown-player': 406, 'unknown-box': 461 },
  decide: listMessages,
}

const chosen = z.looseObject({ messageIds: z.array(z.string()), messageBoxId: z.string().nullish() })
const claimGap = 'the page that shows the body was not at hand: ids are taken as messageIds, or one as messageId'

const claim: Api = {
  name: 'message/claim',
  summary: 'Ask for the items of messages',
  evidence: evidence('documented', 'vendor page, Server API Example (/message)', [claimGap, 'a message that cannot be had is 406']),
  body: chosen,
  example: { messageIds: ['c21c6dfe-c13b-46ff-9946-961d28beb914'], messageBoxId: 'inbox' },
  needs: 'A message in the box, sent by message/send: put its messageId in.',
  reply: z.object({ messages: z.array(packetShape) }),
  outcomes: { claimed: 200, 'unknown-player': 406, 'unknown-message': 406, 'unknown-box': 461 },
  decide: claimMessages,
}

const finish: Api = {
  name: 'message/finish',
  summary: 'Confirm that claimed items reached the player',
  evidence: evidence('documented', 'vendor page, Server API Example (/message)', [claimGap, 'finishing what was not claimed is 406']),
  body: chosen,
  example: { messageIds: ['c21c6dfe-c13b-46ff-9946-961d28beb914'], messageBoxId: 'inbox' },
  needs: 'A message that was claimed by message/claim: put its messageId in.',
  reply: z.object({}),
  outcomes: { finished: 200, repeated: 200, 'unknown-player': 406, 'not-claimed': 406, 'unknown-message': 406, 'unknown-box': 461 },
  decide: finishMessages,
}

/** The message box of the platform. */
export const messageApis: readonly Api[] = [send, list, claim, finish]
