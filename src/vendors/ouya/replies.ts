import type { Call, ExpectedMember, Failure, NamedReply } from '../../contract.js'
import { json, type Reply } from '../../kernel/reply.js'
import { jsonAdvice } from './form.js'
import { errorCode, errorCodes, type ErrorCode, type ErrorName } from './error-codes.js'
import type { tables } from './tables.js'

/** Decision of a rule with its wire form and the sentence that explains it. */
export interface Decision {
  reply: Reply
  outcome: string
  sentence: string
  warnings?: readonly string[]
}

/** Decision against a request, with the members that caused it. */
export interface Refusal extends Decision {
  refused: ErrorName
  expected: readonly ExpectedMember[]
}

/** Accepts a call with a JSON body, with status 200 by default. */
export function grant(outcome: string, sentence: string, body: unknown = {}, status = 200): Decision {
  return { reply: json(status, body, mediaType), outcome, sentence }
}

/** Details of a refusal: the members that caused it, and the fields of a form with their errors in the vendor's words. */
interface RefusalDetails {
  expected?: readonly ExpectedMember[]
  data?: Readonly<Record<string, readonly string[]>>
}

/** Refuses a call with one of the server's error codes. */
export function refuse(name: ErrorName, sentence: string, { expected = [], data }: RefusalDetails = {}): Refusal {
  const error = errorCode(name)
  return { refused: name, reply: failure(error.status, { ...error, data }), outcome: error.outcome, sentence, expected }
}

/** True for a refusal among the results of a rule. */
export function isRefusal(found: object): found is Refusal {
  return 'refused' in found
}

/** Explains a decision and returns its reply. */
export function replyWith(call: Call<typeof tables>, decided: Decision, warnings: readonly string[] = []): Reply {
  const advice = jsonAdvice(call.request)
  const [inSentence, beside] = isRefusal(decided) && advice !== '' ? [` ${advice}`, []] : ['', advice === '' ? [] : [advice]]
  call.explain(decided.outcome, decided.sentence + inSentence, {
    warnings: [...warnings, ...(decided.warnings ?? []), ...beside],
    ...(isRefusal(decided) && { expected: decided.expected }),
  })
  return decided.reply
}

/** OUYA's reply if no route handles the request. */
export function failureReply(problem: Failure): Reply {
  switch (problem.kind) {
    case 'not-found':
    case 'method-not-allowed':
      return failure(404, { code: 404, message: 'Not found' })
    case 'body-too-large':
      return failure(413, { ...parameters, message: 'Request too large' })
    case 'uri-too-long':
      return failure(414, { ...parameters, message: 'Request URI too long' })
    case 'body-stalled':
      return failure(400, { ...parameters, message: 'The request did not arrive' })
    case 'storage-full':
    case 'unavailable':
    case 'failed':
      return failure(500, internalError)
  }
}

/** Replies that a fault can name: every error code, and further statuses that the client knows. */
export const named: Readonly<Record<string, NamedReply>> = {
  success: { status: 200, summary: 'an empty answer', reply: () => json(200, {}, mediaType) },
  'key-stored': { status: 201, summary: 'the answer to a key upload', reply: () => json(201, {}, mediaType) },
  'no-content': { status: 204, summary: 'the connection test', reply: () => ({ status: 204, headers: {}, body: '' }) },
  ...Object.fromEntries(
    Object.entries(errorCodes).map(([name, { status, code, message, summary }]) => [
      name,
      { status, summary: `${code}, ${summary}`, reply: () => failure(status, { code, message }) },
    ]),
  ),
  'not-found': { status: 404, summary: 'no such call', reply: () => failure(404, { code: 404, message: 'Not found' }) },
  'too-large': {
    status: 413,
    summary: 'the body is too large',
    reply: () => failure(413, { ...parameters, message: 'Request too large' }),
  },
  'too-many-logins': {
    status: 429,
    summary: 'the client shows 2001 with a text of its own',
    reply: () => failure(429, { ...errorCode('invalid-authentication-data'), message: 'Too many attempts' }),
  },
  'internal-error': { status: 500, summary: 'the game sees 3005', reply: () => failure(500, internalError) },
  maintenance: {
    status: 503,
    summary: 'the page of a server that is offline for maintenance; the game sees 3005',
    reply: () => ({
      status: 503,
      headers: { 'Content-Type': 'text/html; charset=utf-8' },
      body: '<html><head><title>offline for maintenance</title></head><body></body></html>',
    }),
  },
}

/** Media type of all replies with a JSON body. */
export const mediaType = 'application/json; charset=utf-8'

function failure(status: number, { code, message, data }: Pick<ErrorCode, 'code' | 'message'> & { data?: unknown }): Reply {
  return json(status, { error: { code, message, ...(data !== undefined && { data }) } }, mediaType)
}

const parameters = errorCode('required-parameter-not-provided')
const internalError = { code: 500, message: 'Internal server error' }
