import type { z } from 'zod'
import type { Failure, NamedReply } from '../../contract.js'
import { json, type Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { ocspError } from '../../pki/ocsp.js'
import { apiErrors, statusOfCode, type apiErrorBody, type ApiErrorCode } from './errors.js'
import { forcedOcspReply, ocspReply } from './ocsp.js'

/** Returns an error of the App Store Server API. */
export function apiError(code: ApiErrorCode, headers?: Reply['headers']): Reply {
  const body: z.infer<typeof apiErrorBody> = { errorCode: code, errorMessage: apiErrors[code].text }
  return json(statusOfCode(code), body, undefined, headers)
}

/** Returns a reply without a body. */
export function empty(status: number, headers: Reply['headers'] = {}): Reply {
  return { status, headers, body: '' }
}

/** The refusal of a token is not JSON (apple/app-store-server-library-node issue 60); the form of the request id is our choice. */
export function unauthenticatedReply(id: string): Reply {
  const body = `Unauthenticated\n\nRequest ID: ${id}.0.0\n`
  return { status: 401, headers: { 'Content-Type': 'text/plain' }, body }
}

/** An answer of verifyReceipt, whose status is always 200. */
export function receiptAnswer(body: object): Reply {
  return json(200, body, undefined, { Deprecation: 'true' })
}

/** Replies to requests that no route answers. Apple documents that of verifyReceipt alone. */
export function failureReply(failure: Failure, { path }: Pick<Request, 'path'>): Reply {
  switch (failure.kind) {
    case 'not-found':
      return empty(404)
    case 'method-not-allowed':
      // The one answer for every method but POST (Apple's reference, App Store Receipts, status).
      if (path.endsWith('/verifyReceipt')) return receiptAnswer({ status: 21000 })
      return empty(405, { Allow: failure.allow.join(', ') })
    case 'body-too-large':
      return empty(413)
    case 'uri-too-long':
      return empty(414)
    case 'body-stalled':
      return empty(408)
    case 'storage-full':
    case 'unavailable':
      return apiError(5000001)
    case 'failed':
      return apiError(5000000)
  }
}

/** Time until which the fault `rate-limited` asks a client to wait; Apple sends a timestamp, not a number of seconds. */
const retryAfter = '1767225600000'

/** Replies that a fault can name. */
export const named: Readonly<Record<string, NamedReply>> = {
  unauthenticated: reply(401, 'the bearer token is refused', () => unauthenticatedReply('FAULT')),
  'bad-request': apiReply(4000000, 'the request is malformed'),
  forbidden: apiReply(4030004, 'the subscription cannot be extended'),
  'account-not-found-retryable': apiReply(4040002, 'the account is not found, a retry may succeed'),
  'transaction-not-found': apiReply(4040010, 'the transaction is not found'),
  'method-not-allowed': reply(405, 'wrong verb', () => empty(405, { Allow: 'GET' })),
  'body-stalled': reply(408, 'the body did not arrive', () => empty(408)),
  'payload-too-large': reply(413, 'the body is too large', () => empty(413)),
  'rate-limited': apiReply(4290000, 'too many requests; Retry-After is a timestamp', { 'Retry-After': retryAfter }),
  'unknown-error': apiReply(5000000, 'an error of Apple’s server'),
  'try-again': apiReply(5000001, 'an error of Apple’s server, a retry may succeed'),
  malformed: receiptReply(21002, 'verifyReceipt: the receipt is malformed'),
  'not-authenticated': receiptReply(21003, 'verifyReceipt: the receipt is not authentic'),
  'missing-secret': reply(200, 'verifyReceipt: the recorded answer to a missing password in the sandbox', () =>
    receiptAnswer({ environment: 'Sandbox', status: 21003 }),
  ),
  'server-unavailable': receiptReply(21005, 'verifyReceipt: the receipt server is not available'),
  'internal-data': receiptReply(21009, 'verifyReceipt: internal data access error'),
  'account-gone': receiptReply(21010, 'verifyReceipt: the account was deleted'),
  'internal-retryable': receiptReply(21100, 'verifyReceipt: internal error, a retry may succeed', { is_retryable: true }),
  internal: receiptReply(21199, 'verifyReceipt: internal error', { is_retryable: false }),
  'certificate-revoked': reply(200, 'OCSP: the certificate is revoked', (request) => forcedOcspReply(request, 'revoked')),
  'certificate-unknown': reply(200, 'OCSP: the certificate is not known', (request) => forcedOcspReply(request, 'unknown')),
  'ocsp-try-later': reply(200, 'OCSP: no response now', () => ocspReply(ocspError('tryLater'))),
  maintenance: reply(503, 'maintenance, in HTML', () => ({
    status: 503,
    headers: { 'Content-Type': 'text/html' },
    body: '<html><head><title>503 Service Unavailable</title></head><body><h1>Service Unavailable</h1></body></html>\n',
  })),
}

function reply(status: number, summary: string, make: NamedReply['reply']): NamedReply {
  return { status, summary, reply: make }
}

function apiReply(code: ApiErrorCode, summary: string, headers?: Reply['headers']): NamedReply {
  return reply(statusOfCode(code), `${summary} (${code})`, () => apiError(code, headers))
}

function receiptReply(status: number, summary: string, more: object = {}): NamedReply {
  return reply(200, `${summary} (${status})`, () => receiptAnswer({ status, ...more }))
}
