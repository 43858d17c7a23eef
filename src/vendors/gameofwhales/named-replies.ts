import type { NamedReply } from '../../contract.js'
import {
  answer,
  failure,
  gameNotFound,
  internalFailure,
  invalidContent,
  invalidVersion,
  notFound,
  profileNotFound,
  validationFailure,
  failureReply,
} from './replies.js'
import { newestVersion } from './versions.js'

/** Replies that a fault can send. */
export const named: Readonly<Record<string, NamedReply>> = {
  success: {
    status: 200,
    summary: "the reply of the vendor's example; nothing is recorded",
    reply: () => answer(200, example, newestVersion),
  },
  'bad-request': {
    status: 400,
    summary: 'a field is missing or wrong',
    reply: () => validationFailure([{ dataPath: '.event.price', keyword: 'minimum', message: 'should be >= 0.01' }]),
  },
  'invalid-content': { status: 400, summary: 'the body is not JSON', reply: () => invalidContent('Unexpected end of JSON input') },
  'invalid-version': { status: 400, summary: 'the version is not served', reply: (request) => invalidVersion('3.0.0', request) },
  'not-found': { status: 404, summary: 'unknown path', reply: (request) => notFound(request) },
  'method-not-allowed': {
    status: 405,
    summary: 'wrong verb',
    reply: (request) => failureReply({ kind: 'method-not-allowed', allow: ['POST'] }, request),
  },
  'request-timeout': {
    status: 408,
    summary: 'the body did not arrive',
    reply: (request) => failureReply({ kind: 'body-stalled' }, request),
  },
  'payload-too-large': {
    status: 413,
    summary: 'the body is too large',
    reply: (request) => failureReply({ kind: 'body-too-large', limitBytes: 1_048_576 }, request),
  },
  'uri-too-long': {
    status: 414,
    summary: 'path and query are too long',
    reply: (request) => failureReply({ kind: 'uri-too-long', limitBytes: 8192 }, request),
  },
  'profile-not-found': {
    status: 500,
    summary: 'unknown user on offers, futureOffers and ads',
    reply: () => internalFailure(profileNotFound),
  },
  'game-not-found': { status: 500, summary: 'unknown game key', reply: () => internalFailure(gameNotFound) },
  'internal-error': { status: 500, summary: 'a failure inside the service', reply: () => internalFailure('Error: Internal error') },
  'service-unavailable': {
    status: 503,
    summary: 'overload or maintenance; not documented',
    reply: () => failure(503, 'ServiceUnavailable', 'Service is temporarily unavailable'),
  },
}

// From the vendor page, receipt 1.0.0.
const example = {
  receipts: [{ transaction: '1000000357435566', verifyState: 'legal' }],
  properties: { user: '3A15982E-C4CB-0000-0000-D88861BA0C49', group: 'b', revenue: 3 },
  serverTime: 1545381287159,
}
