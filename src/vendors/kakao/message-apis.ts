import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import { repeated } from '../../kernel/outcome.js'
import type { Api } from './api.js'
import { claimMessages, claimParameters, finishMessages } from './message-claim.js'
import { listMessages, listParameters } from './message-list.js'
import { sendParameters } from './message-content.js'
import { packetShape } from './message-packet.js'
import { sendMessage } from './messages.js'
import { shapeOf } from './parameters.js'

const send: Api = {
  name: 'message/send',
  summary: 'Send a message with items to a player',
  evidence: evidence('documented', 'vendor pages, Message', [
    'item codes are not checked against a list of items',
    'senderAppId, receiverIdType and checkPlayer of later generations are ignored',
  ]),
  body: shapeOf(sendParameters),
  example: {
    receiverId: '123412341234',
    message: { messageBoxId: 'inbox', title: 'Reward', body: 'Thank you' },
    items: [{ itemCode: 'gem', quantity: 5, validityTime: 604800000 }],
  },
  reply: z.object({ messageId: z.string() }),
  replyExample: { messageId: 'c21c6dfe-c13b-46ff-9946-961d28beb914' },
  outcomes: { sent: 200, repeated: repeated(200), 'unknown-player': 406, 'unknown-box': 461 },
  decide: sendMessage,
}

const list: Api = {
  name: 'message/getList',
  summary: 'List the messages in a player’s box',
  evidence: evidence('documented', 'vendor page, Server API Example (/message)', ['entries have the form of a later generation’s example']),
  body: shapeOf(listParameters),
  example: { messageBoxId: 'inbox', count: 20 },
  reply: z.object({ nextPageKey: z.int(), messages: z.array(packetShape), totalCount: z.int(), maxCount: z.int() }),
  outcomes: { listed: 200, 'unknown-player': 406, 'unknown-box': 461 },
  decide: listMessages,
}

const claimGap = 'the page with the body was not available: ids are read from messageIds, or one from messageId'

const claim: Api = {
  name: 'message/claim',
  summary: 'Ask for the items of messages',
  evidence: evidence('documented', 'vendor page, Server API Example (/message)', [claimGap, 'a message that cannot be claimed is 406']),
  body: shapeOf(claimParameters),
  example: { messageIds: ['c21c6dfe-c13b-46ff-9946-961d28beb914'], messageBoxId: 'inbox' },
  needs: 'A message in the box, sent by message/send: use its messageId.',
  reply: z.object({ messages: z.array(packetShape) }),
  outcomes: { claimed: 200, 'unknown-player': 406, 'unknown-message': 406, 'unknown-box': 461 },
  decide: claimMessages,
}

const finish: Api = {
  name: 'message/finish',
  summary: 'Confirm that claimed items reached the player',
  evidence: evidence('documented', 'vendor page, Server API Example (/message)', [claimGap, 'finishing what was not claimed is 406']),
  body: shapeOf(claimParameters),
  example: { messageIds: ['c21c6dfe-c13b-46ff-9946-961d28beb914'], messageBoxId: 'inbox' },
  needs: 'A message that was claimed by message/claim: use its messageId.',
  reply: z.object({}),
  outcomes: {
    finished: 200,
    repeated: repeated(200),
    'unknown-player': 406,
    'not-claimed': 406,
    'unknown-message': 406,
    'unknown-box': 461,
  },
  decide: finishMessages,
}

/** The message box of the platform. */
export const messageApis: readonly Api[] = [send, list, claim, finish]
