import { z } from 'zod'
import type { Failure, NamedReply } from '../../contract.js'
import { json, type Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'

/** Host of the receipt call, whose replies have another form. */
export const receiptHost = 'iap.samsungapps.com'
/** Host of the Developer API. */
export const apiHost = 'devapi.samsungapps.com'

/** An error of the Developer API. `from` is there if the gateway refuses before the service is asked. */
interface ApiError {
  status: number
  code: string
  message: string
  from?: 'asgw'
}

/** Errors of the Developer API by the name of their outcome. */
export const errors = {
  'auth-require': { status: 401, code: 'AUTH_REQUIRE', message: 'Authorization is required', from: 'asgw' },
  'no-permission': { status: 403, code: 'NO_PERMISSION', message: 'No permission', from: 'asgw' },
  'missing-requirement': { status: 400, code: '106', message: 'missing requirement' },
  'not-your-content': { status: 400, code: 'SLR_4006', message: 'Not your content' },
  'invalid-purchase': { status: 400, code: 'SLR_4008', message: 'Invalid purchase id' },
  'wrong-state': { status: 400, code: 'SLR_4009', message: 'Invalid subscription status' },
  'item-refunded': { status: 400, code: 'SLR_4009', message: 'Invalid purchase status' },
  'already-consumed': { status: 400, code: 'SLR_4010', message: 'Already consumed' },
  'service-error': { status: 500, code: 'SLR_9999', message: 'Internal server error' },
} as const satisfies Record<string, ApiError>
export type ErrorName = keyof typeof errors

/** Body of an error of the Developer API. */
export const errorBody = z.object({ code: z.string(), message: z.string(), from: z.literal('asgw').optional() })

/** Body of a refusal by the receipt call. */
export const receiptFailureBody = z.object({ status: z.literal('fail'), errorCode: z.int(), errorMessage: z.string() })

/** Codes of the receipt call. */
export const receiptErrors = {
  'not-exist-order': { errorCode: 9135, errorMessage: 'not exist order' },
  'invalid-purchase-id': { errorCode: 9153, errorMessage: 'invalid purchaseID' },
} as const

/** The reply of the Developer API to an error. */
export function errorReply({ status, code, message, from }: ApiError): Reply {
  return json(status, { code, message, ...(from && { from }) })
}

/** The refusal of the receipt call, which has status 200. */
export function receiptFailure(name: keyof typeof receiptErrors): Reply {
  return json(200, { status: 'fail', ...receiptErrors[name] })
}

/** The empty reply of the receipt call while the store is not reachable. */
export const receiptDown: Reply = { status: 503, headers: {}, body: '' }

/** Samsung's reply where no route answers, in the form of the host that was asked. */
export function failureReply(failure: Failure, request: Pick<Request, 'host' | 'path'>): Reply {
  const { status, code, message } = wordsFor(failure)
  const headers = failure.kind === 'method-not-allowed' ? { Allow: failure.allow.join(', ') } : undefined
  if (isOfReceiptHost(request)) return json(status, { status: 'fail', errorCode: 9000, errorMessage: message }, 'application/json', headers)
  return json(status, { code, message, from: 'asgw' }, 'application/json', headers)
}

/** True for a request to the host of the receipt call. Without a host of Samsung the path decides: the Developer API has items alone there. */
function isOfReceiptHost({ host, path }: Pick<Request, 'host' | 'path'>): boolean {
  if (host === receiptHost || host === apiHost) return host === receiptHost
  return /^\/iap\/v6(?:\/|$)/.test(path) && !/^\/iap\/v6\/applications(?:\/|$)/.test(path)
}

function wordsFor(failure: Failure): ApiError {
  switch (failure.kind) {
    case 'not-found':
      return { status: 404, code: 'NOT_FOUND', message: 'Not found' }
    case 'method-not-allowed':
      return { status: 405, code: 'METHOD_NOT_ALLOWED', message: 'Method not allowed' }
    case 'body-too-large':
      return { status: 413, code: 'REQUEST_TOO_LARGE', message: 'Request entity too large' }
    case 'uri-too-long':
      return { status: 414, code: 'URI_TOO_LONG', message: 'Request URI too long' }
    case 'body-stalled':
      return { status: 400, code: 'BAD_REQUEST', message: 'The request body did not arrive' }
    case 'storage-full':
    case 'unavailable':
      return { status: 503, code: 'SLR_9999', message: 'Service unavailable' }
    case 'failed':
      return errors['service-error']
  }
}

const error = (name: ErrorName, summary: string): NamedReply => ({
  status: errors[name].status,
  summary,
  reply: () => errorReply(errors[name]),
})

/** Replies that a fault can send. */
export const named: Readonly<Record<string, NamedReply>> = {
  success: { status: 200, summary: 'an action that succeeded', reply: () => json(200, { code: '0000', message: 'Success' }) },
  'not-exist-order': {
    status: 200,
    summary: 'receipt: no such purchase (errorCode 9135)',
    reply: () => receiptFailure('not-exist-order'),
  },
  'invalid-purchase-id': {
    status: 200,
    summary: 'receipt: the id is missing or malformed (errorCode 9153)',
    reply: () => receiptFailure('invalid-purchase-id'),
  },
  'missing-requirement': error('missing-requirement', 'a required header or member is absent (106)'),
  'not-your-content': error('not-your-content', 'the package belongs to another seller (SLR_4006)'),
  'invalid-subscription': error('invalid-purchase', 'the purchase is unknown, or of another kind or package (SLR_4008)'),
  'wrong-state': error('wrong-state', 'the action does not fit the state of the subscription (SLR_4009)'),
  'item-refunded': error('item-refunded', 'the purchase was refunded, so it is not delivered (SLR_4009)'),
  'already-consumed': error('already-consumed', 'the item was consumed before (SLR_4010)'),
  'auth-require': error('auth-require', 'the access token or the service account is not accepted'),
  'no-permission': error('no-permission', 'the access token lacks the scope publishing'),
  'not-found': {
    status: 404,
    summary: 'unknown path',
    reply: (request) => failureReply({ kind: 'not-found' }, request),
  },
  'too-large': {
    status: 413,
    summary: 'body beyond the limit',
    reply: (request) => failureReply({ kind: 'body-too-large', limitBytes: 0 }, request),
  },
  'too-many-requests': {
    status: 429,
    summary: 'too many requests',
    reply: () => errorReply({ status: 429, code: 'TOO_MANY_REQUESTS', message: 'Too many requests', from: 'asgw' }),
  },
  'service-error': error('service-error', 'error of the service (SLR_9999)'),
  'receipt-down': { status: 503, summary: 'receipt: the service is down; no body', reply: () => receiptDown },
}
