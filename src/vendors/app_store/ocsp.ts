import type { Call, Route } from '../../contract.js'
import { realTime } from '../../kernel/clock.js'
import { evidence } from '../../kernel/evidence.js'
import { refused, type Outcome } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { Malformed } from '../../pki/asn1.js'
import { isIssuer, ocspError, ocspResponse, readOcspRequest, type CertificateStatus, type OcspRequest } from '../../pki/ocsp.js'
import { ocspIssuers, usualOcspUrl, type OcspIssuer } from '../../receipts/app-store/jws/development.js'
import { ocspHosts } from './hosts.js'
import type { AppStoreTables } from './tables.js'

const outcomes: Readonly<Record<string, Outcome>> = {
  good: 200,
  unknown: refused(200),
  'unknown-issuer': refused(200),
  'malformed-request': refused(200),
  'store-unreachable': { verdict: 'failed', status: 503 },
}

const ocspMediaType = 'application/ocsp-response'

const shared = {
  hosts: ocspHosts,
  evidence: evidence('sdk', '@apple/app-store-server-library 3.1.0, SignedDataVerifier with online checks; RFC 6960', [
    'the path is our choice; Apple has one for each issuer',
    'a response is valid for 12 hours of the real clock',
  ]),
  outcomes,
  responses: {
    200: {
      description: 'An OCSP response (DER); errors of OCSP, such as unauthorized for another issuer, have this status too',
      mediaType: ocspMediaType,
    },
    503: { description: 'The store is unreachable' },
  },
  handle: answerOcsp,
} satisfies Partial<Route<AppStoreTables>>

const needs = 'an OCSP request in DER, as client libraries and `openssl ocsp` send it'

/** The OCSP responder that the certificates of signed data name. */
export const ocspRoutes: readonly Route<AppStoreTables>[] = [
  { ...shared, method: 'POST', path: '/ocsp', summary: 'State of certificates of signed data', request: { needs } },
  {
    ...shared,
    method: 'GET',
    path: '/ocsp/{request}',
    summary: 'The same with the request in Base64, as part of the path',
    request: { needs, examples: { request: 'MAA=' } },
  },
]

type Read = { ok: true; request: OcspRequest; issuer: OcspIssuer } | { ok: false; error: 'malformedRequest' | 'unauthorized'; why: string }

/** Returns the state of certificates. Responses are dated by the real clock, because clients compare them with their own. */
async function answerOcsp(call: Call<AppStoreTables>): Promise<Reply> {
  if (!call.reachable('app_store')) {
    call.explain('store-unreachable', 'The App Store is not reachable; "coinslot store app_store up" ends this.')
    return { status: 503, headers: {}, body: '' }
  }
  const read = readRequest(call.request, call.keys.prepared('app store ocsp issuers', ocspIssuers))
  if (!read.ok) {
    call.explain(read.error === 'unauthorized' ? 'unknown-issuer' : 'malformed-request', read.why)
    return ocspReply(ocspError(read.error))
  }
  const { request, issuer } = read
  const urls = await call.transact(async (db) => [usualOcspUrl, ...(await db.apps.list()).flatMap(({ ocspUrl }) => ocspUrl ?? [])])
  const known = new Set(urls.map((url) => issuer.serialFor(url)))
  const foreign = request.certificates.find((id) => !isIssuer(id, issuer.certificate) || !known.has(id.serial))
  const name = issuer.certificate.subject.split('\n').at(-1)
  if (foreign) {
    call.explain(
      'unknown',
      `The certificate with the serial number ${foreign.serial} is not one that ${name} issued for an app in app_store.apps.`,
    )
  } else call.explain('good', `${request.certificates.map(({ serial }) => serial).join(', ')} of ${name} is valid.`)
  return signedReply(read, (id) => ({ status: known.has(id.serial) && isIssuer(id, issuer.certificate) ? 'good' : 'unknown' }))
}

/** Returns the answer with one state for every certificate, for faults. */
export function forcedOcspReply(request: Request, status: CertificateStatus['status']): Reply {
  const read = readRequest(request, ocspIssuers())
  if (!read.ok) return ocspReply(ocspError(read.error))
  return signedReply(read, () => (status === 'revoked' ? { status, at: new Date(realTime()) } : { status }))
}

/** Returns an OCSP response as a reply. Its HTTP status is 200 even if it is an error (RFC 6960 appendix A). */
export function ocspReply(body: Buffer): Reply {
  return { status: 200, headers: { 'Content-Type': ocspMediaType }, body }
}

function readRequest({ method, path, body }: Request, issuers: readonly OcspIssuer[]): Read {
  try {
    const request = readOcspRequest(method === 'GET' ? bytesIn(path) : body)
    const issuer = issuers.find(({ certificate }) => isIssuer(request.certificates[0]!, certificate))
    if (issuer) return { ok: true, request, issuer }
    return {
      ok: false,
      error: 'unauthorized',
      why: 'The sandbox has no issuer with the name and key of the request, so it may say nothing.',
    }
  } catch (error) {
    if (error instanceof Malformed)
      return { ok: false, error: 'malformedRequest', why: `The body is not an OCSP request: ${error.message}.` }
    throw error
  }
}

/** Returns the Base64 in the last segment of a path. A fault replies before a route has parameters. */
function bytesIn(path: string): Buffer {
  const segment = path.slice(path.lastIndexOf('/') + 1)
  return Buffer.from(
    segment.replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'base64',
  )
}

function signedReply({ request, issuer }: Extract<Read, { ok: true }>, statusOf: Parameters<typeof ocspResponse>[1]['statusOf']): Reply {
  return ocspReply(ocspResponse(request, { signer: issuer.signer, statusOf, at: new Date(realTime()) }))
}
