import type { Failure, NamedReply } from '../../contract.js'
import { writeExactJson } from '../../kernel/json/exact.js'
import { json, type Reply } from '../../kernel/reply.js'

/** A JSON reply with Kakao's spelling of the media type and the cache headers of live replies. Literals in the body go out as numbers. */
export function answer(status: number, body: unknown): Reply {
  return { ...json(status, null, 'application/json;charset=UTF-8', uncached), body: writeExactJson(body) }
}

/** Kakao's reply where no route answers. */
export function failureReply(failure: Failure): Reply {
  switch (failure.kind) {
    case 'not-found':
    case 'method-not-allowed':
      return refusal(404, 'NotFound')
    case 'body-too-large':
      return refusal(413, 'Request body is too large')
    case 'uri-too-long':
      return refusal(414, 'Request URI is too long')
    case 'body-stalled':
      return refusal(400, 'Request data not parsed')
    case 'storage-full':
    case 'unavailable':
      return refusal(503, 'Service unavailable')
    case 'failed':
      return refusal(500, 'Internal server error')
  }
}

/** Replies that a fault can send: the status table of the vendor's pages, 463 from the message page, and the SDK's 404. */
export const named: Readonly<Record<string, NamedReply>> = {
  success: {
    status: 200,
    summary: 'a success without any row; of log calls with the log id of the vendor’s example',
    reply: ({ path }) => answer(200, /\/write\w*Log$/.test(path) ? { logId: '9a57db20-0472-11e5-aed4-b182048b2fd8' } : {}),
  },
  'bad-request': fixed(400, 'request not parsed, parameter missing or of the wrong type', 'Invalid request parameter : currency is empty'),
  unauthenticated: fixed(401, 'authentication failure', 'Invalid appSecret'),
  'not-found': fixed(404, 'no such API', 'NotFound'),
  'not-acceptable': fixed(406, 'cannot be processed', 'There is no player. (406.-10005)'),
  'too-large': fixed(413, 'body beyond the limit', 'Request body is too large'),
  'invalid-message-box': fixed(461, 'the message box does not exist', 'Invalid message box'),
  removed: fixed(463, 'the player asked to be unregistered', 'Removed player'),
  'internal-error': fixed(500, 'server system internal error', 'Internal server error'),
  'service-unavailable': fixed(503, 'service unavailable, as in a timeout between internal servers', 'Service unavailable'),
}

/** A refusal: `desc` is its only member. */
export function refusal(status: number, desc: string): Reply {
  return answer(status, { desc })
}

function fixed(status: number, summary: string, desc: string): NamedReply {
  return { status, summary, reply: () => refusal(status, desc) }
}

const uncached = { 'Cache-Control': 'no-cache, no-store, max-age=0, must-revalidate', Pragma: 'no-cache', Expires: '0' }
