import type { Failure, NamedReply } from '../../contract.js'
import { json, type Reply } from '../../kernel/reply.js'

/** An error of Google's APIs; the members of `errors[0]` and, for general errors, the canonical status. */
export interface ApiError {
  code: number
  reason: string
  message: string
  domain?: 'global' | 'androidpublisher' | 'usageLimits'
  /** Message in the list of errors, if it differs. */
  short?: string
  location?: 'token' | 'Authorization'
  /** Canonical status, which the `androidpublisher` domain leaves out. */
  status?: string
}

const mediaType = 'application/json; charset=UTF-8'

/** A JSON reply of the API. */
export function answer(status: number, body: unknown, headers?: Reply['headers']): Reply {
  return json(status, body, mediaType, headers)
}

/** The reply of a call that returns nothing. */
export const noContent: Reply = { status: 204, headers: {}, body: '' }

/** Google's error envelope. */
export function errorReply({ code, reason, message, domain = 'global', short, location, status }: ApiError): Reply {
  const error = {
    message: short ?? message,
    domain,
    reason,
    ...(location && { location, locationType: location === 'token' ? 'parameter' : 'header' }),
  }
  const headers = code === 401 ? { 'WWW-Authenticate': 'Bearer realm="https://accounts.google.com/"' } : undefined
  return answer(code, { error: { code, message, errors: [error], ...(status !== undefined && { status }) } }, headers)
}

/** An error of the token endpoint (RFC 6749, section 5.2). */
export function tokenError(status: number, error: string, description: string): Reply {
  return json(status, { error, error_description: description }, 'application/json; charset=utf-8')
}

/** Errors of the API by the name of their outcome. */
export const errors = {
  unauthenticated: {
    code: 401,
    status: 'UNAUTHENTICATED',
    reason: 'required',
    short: 'Login Required.',
    message:
      'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
    location: 'Authorization',
  },
  'invalid-credentials': {
    code: 401,
    status: 'UNAUTHENTICATED',
    reason: 'authError',
    short: 'Invalid Credentials',
    message:
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
    location: 'Authorization',
  },
  'insufficient-scope': {
    code: 403,
    status: 'PERMISSION_DENIED',
    reason: 'insufficientPermissions',
    short: 'Insufficient Permission',
    message: 'Request had insufficient authentication scopes.',
  },
  'unknown-app': {
    code: 404,
    domain: 'androidpublisher',
    reason: 'applicationNotFound',
    message: 'No application was found for the given package name.',
  },
  'account-not-allowed': {
    code: 401,
    domain: 'androidpublisher',
    reason: 'permissionDenied',
    message: 'The current user has insufficient permissions to perform the requested operation.',
  },
  'invalid-token': { code: 400, reason: 'invalid', message: 'Invalid Value', location: 'token' },
  'wrong-package': {
    code: 400,
    domain: 'androidpublisher',
    reason: 'purchaseTokenDoesNotMatchPackageName',
    message: 'The purchase token does not match the package name.',
    location: 'token',
  },
  'wrong-product': {
    code: 400,
    domain: 'androidpublisher',
    reason: 'purchaseTokenDoesNotMatchProductId',
    message: 'The purchase token does not match the product ID.',
    location: 'token',
  },
  'wrong-subscription': {
    code: 400,
    domain: 'androidpublisher',
    reason: 'purchaseTokenDoesNotMatchSubscriptionId',
    message: 'The purchase token does not match the subscription ID.',
    location: 'token',
  },
  'invalid-state': {
    code: 400,
    domain: 'androidpublisher',
    reason: 'invalidPurchaseState',
    message: 'The purchase is not in a valid state to perform the desired operation.',
  },
  'not-owned': {
    code: 400,
    domain: 'androidpublisher',
    reason: 'productNotOwnedByUser',
    message: 'The product purchase is not owned by the user.',
  },
  'not-modelled': { code: 404, status: 'NOT_FOUND', reason: 'notFound', message: 'Not Found' },
  unreadable: { code: 400, status: 'INVALID_ARGUMENT', reason: 'parseError', message: 'Parse Error' },
  'invalid-argument': {
    code: 400,
    status: 'INVALID_ARGUMENT',
    reason: 'invalidArgument',
    message: 'Request contains an invalid argument.',
  },
  'unknown-token': { code: 404, reason: 'purchaseTokenNotFound', message: 'The purchase token was not found.', location: 'token' },
  'unknown-order': { code: 404, domain: 'androidpublisher', reason: 'orderNotFound', message: 'The order was not found.' },
  'token-no-longer-valid': {
    code: 410,
    domain: 'androidpublisher',
    reason: 'purchaseTokenNoLongerValid',
    message: 'The purchase token is no longer valid.',
    location: 'token',
  },
  'expired-too-long': {
    code: 410,
    domain: 'androidpublisher',
    reason: 'subscriptionPurchaseNoLongerAvailable',
    message: 'The subscription purchase is no longer available for query because it has been expired for too long.',
  },
  'etag-mismatch': { code: 409, status: 'ABORTED', reason: 'aborted', message: 'The etag does not match.' },
  'store-unreachable': { code: 503, status: 'UNAVAILABLE', reason: 'backendError', message: 'Backend Error' },
} as const satisfies Record<string, ApiError>
export type ErrorName = keyof typeof errors

const quota = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'androidpublisher.googleapis.com'."

/** Google's reply where no route answers. */
export function failureReply(failure: Failure): Reply {
  switch (failure.kind) {
    case 'not-found':
    case 'method-not-allowed':
      return errorReply({ code: 404, status: 'NOT_FOUND', reason: 'notFound', message: 'Not Found' })
    case 'body-too-large':
      return errorReply({ code: 413, reason: 'uploadTooLarge', message: 'Request Entity Too Large' })
    case 'uri-too-long':
      return errorReply({ code: 414, reason: 'uriTooLong', message: 'Request-URI Too Large' })
    case 'body-stalled':
      return errorReply({ code: 408, reason: 'requestTimeout', message: 'Request Timeout' })
    case 'storage-full':
    case 'unavailable':
      return errorReply(errors['store-unreachable'])
    case 'failed':
      return internal
  }
}

const internal = errorReply({ code: 500, status: 'INTERNAL', reason: 'internalError', message: 'Internal error' })

/** Replies that a fault can send. */
export const named: Readonly<Record<string, NamedReply>> = {
  unauthenticated: ofError('invalid-credentials', 'bearer token unknown or expired'),
  'permission-denied': ofError('account-not-allowed', 'the service account may not ask about the app'),
  'insufficient-scope': ofError('insufficient-scope', 'the token lacks the scope androidpublisher'),
  'project-not-linked': {
    status: 403,
    summary: 'the project is not linked in the Play Console',
    reply: () =>
      errorReply({
        code: 403,
        domain: 'androidpublisher',
        reason: 'projectNotLinked',
        message: 'The project id used to call the Google Play Developer API has not been linked in the Google Play Developer Console.',
      }),
  },
  'api-not-enabled': {
    status: 403,
    summary: 'the API is switched off in the project',
    reply: () =>
      errorReply({
        code: 403,
        domain: 'usageLimits',
        reason: 'accessNotConfigured',
        message: 'Google Play Android Developer API has not been used in project before or it is disabled.',
      }),
  },
  'quota-exceeded': {
    status: 403,
    summary: 'the quota is used up',
    reply: () => errorReply({ code: 403, domain: 'usageLimits', reason: 'quotaExceeded', message: quota }),
  },
  'rate-limited': {
    status: 429,
    summary: 'too many calls in a minute',
    reply: () =>
      errorReply({ code: 429, domain: 'usageLimits', status: 'RESOURCE_EXHAUSTED', reason: 'rateLimitExceeded', message: quota }),
  },
  'token-not-found': ofError('unknown-token', 'no such purchase token'),
  'token-no-longer-valid': ofError('token-no-longer-valid', 'the purchase was superseded or its account deleted'),
  'expired-too-long': ofError('expired-too-long', 'the subscription expired more than 60 days ago'),
  'mismatched-package': ofError('wrong-package', 'the token belongs to another app'),
  'invalid-value': ofError('invalid-token', 'the token has an impossible form'),
  'invalid-purchase-state': ofError('invalid-state', 'the purchase is pending or voided'),
  'etag-mismatch': ofError('etag-mismatch', 'the subscription changed since it was read'),
  'too-large': {
    status: 413,
    summary: 'body beyond the limit',
    reply: () => failureReply({ kind: 'body-too-large', limitBytes: 0 }),
  },
  'internal-error': { status: 500, summary: 'server error', reply: () => internal },
  'backend-error': ofError('store-unreachable', 'a backend does not answer'),
  'invalid-grant': {
    status: 400,
    summary: 'of the token endpoint: the assertion is refused',
    reply: () => tokenError(400, 'invalid_grant', 'Invalid JWT Signature.'),
  },
  'invalid-client': {
    status: 401,
    summary: 'of the token endpoint: unknown client',
    reply: () => tokenError(401, 'invalid_client', 'The OAuth client was not found.'),
  },
  'token-endpoint-down': {
    status: 503,
    summary: 'of the token endpoint: it does not answer',
    reply: () => tokenError(503, 'internal_failure', 'Backend Error'),
  },
}

function ofError(name: ErrorName, summary: string): NamedReply {
  return { status: errors[name].code, summary, reply: () => errorReply(errors[name]) }
}
