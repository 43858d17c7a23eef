import { createHash, sign, type KeyObject, type X509Certificate } from 'node:crypto'
import {
  childrenOf,
  constructed,
  context,
  derOf,
  isContext,
  isTagged,
  Malformed,
  octetsOf,
  oid,
  oidOf,
  primitive,
  readElement,
  tag,
  type Element,
} from './asn1.js'

/** A request for the state of certificates (RFC 6960 section 4.1). */
export interface OcspRequest {
  certificates: readonly CertificateId[]
  /** Extensions of the request with a nonce, which the response repeats. */
  nonce?: Element
}

/** A certificate as a request names it: by its issuer and its serial number. */
export interface CertificateId {
  element: Element
  /** Name of the hash, as node:crypto knows it. */
  hash: string
  /** Hashes of the issuer's name and key. */
  issuerName: Buffer
  issuerKey: Buffer
  /** Hexadecimal, upper case, without leading zeros, as X509Certificate has it. */
  serial: string
}

/** State of a certificate, by its place in the request. */
export type CertificateStatus = { status: 'good' | 'unknown' } | { status: 'revoked'; at: Date }

/** Signer of responses for the certificates of one issuer: a certificate of that issuer for this purpose alone. */
export interface OcspSigner {
  certificate: X509Certificate
  /** EC P-256. */
  key: KeyObject
}

/** Responses without contents, by their number (RFC 6960 section 4.2.1). */
const errors = { malformedRequest: 1, tryLater: 3, unauthorized: 6 } as const

const oids = {
  basicResponse: '1.3.6.1.5.5.7.48.1.1',
  nonce: '1.3.6.1.5.5.7.48.1.2',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const

/** Hashes that a request may name certificates with. OpenSSL uses SHA-1, Apple's library SHA-256. */
const hashes: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/**
 * Reads an OCSP request. Its signature, if it has one, is ignored.
 *
 * @throws Malformed if the bytes are not a request
 */
export function readOcspRequest(bytes: Uint8Array): OcspRequest {
  const [toBeSigned] = childrenOf(readElement(bytes), 'an OCSP request')
  const fields = childrenOf(toBeSigned, 'the contents of an OCSP request')
  const list = fields.find((field) => isTagged(field, tag.SEQUENCE))
  const certificates = childrenOf(list, 'the list of certificates').map((each) => certificateId(childrenOf(each, 'a certificate')[0]))
  if (certificates.length === 0) throw new Malformed('the list of certificates is empty')
  const extensions = fields.find((field) => isContext(field, 2))
  const nonce = extensions && nonceIn(childrenOf(extensions, 'the extensions')[0])
  return { certificates, ...(nonce && { nonce }) }
}

function certificateId(element: Element | undefined): CertificateId {
  const [algorithm, name, key, serial] = childrenOf(element, 'the id of a certificate')
  const algorithmId = oidOf(childrenOf(algorithm, 'a hash algorithm')[0], 'a hash algorithm')
  const hash = hashes[algorithmId]
  if (hash === undefined) throw new Malformed(`the hash algorithm ${algorithmId} is not known`)
  if (!isTagged(serial, tag.INTEGER) || typeof serial.value !== 'string') throw new Malformed('the serial number is missing')
  return {
    element: element!,
    hash,
    issuerName: Buffer.from(octetsOf(name, 'the hash of a name'), 'latin1'),
    issuerKey: Buffer.from(octetsOf(key, 'the hash of a key'), 'latin1'),
    serial: Buffer.from(serial.value, 'latin1').toString('hex').replace(/^0+/, '').toUpperCase(),
  }
}

function nonceIn(extensions: Element | undefined): Element | undefined {
  return childrenOf(extensions, 'the extensions').find(
    (each) => oidOf(childrenOf(each, 'an extension')[0], 'an extension type') === oids.nonce,
  )
}

/** True if a request names this certificate as the issuer. */
export function isIssuer({ hash, issuerName, issuerKey }: CertificateId, issuer: X509Certificate): boolean {
  const digest = (bytes: Uint8Array) => createHash(hash).update(bytes).digest()
  return digest(subjectOf(issuer)).equals(issuerName) && digest(keyBitsOf(issuer)).equals(issuerKey)
}

/** Returns a response that only says why there is none. */
export function ocspError(reason: keyof typeof errors): Buffer {
  return derOf(constructed(tag.SEQUENCE, [enumerated(errors[reason])]))
}

/** Returns the signed response to a request. It is valid for half a day from `at` on, as Apple's responses are. */
export function ocspResponse(
  { certificates, nonce }: OcspRequest,
  { signer, statusOf, at }: { signer: OcspSigner; statusOf: (id: CertificateId) => CertificateStatus; at: Date },
): Buffer {
  const nextUpdate = new Date(at.getTime() + 43_200_000)
  const responses = certificates.map((id) =>
    constructed(tag.SEQUENCE, [id.element, statusElement(statusOf(id)), time(at), context(0, [time(nextUpdate)])]),
  )
  const keyHash = createHash('sha1').update(keyBitsOf(signer.certificate)).digest().toString('latin1')
  const contents = constructed(tag.SEQUENCE, [
    context(2, [primitive(tag.OCTETSTRING, keyHash)]),
    time(at),
    constructed(tag.SEQUENCE, responses),
    ...(nonce ? [context(1, [constructed(tag.SEQUENCE, [nonce])])] : []),
  ])
  const basic = constructed(tag.SEQUENCE, [
    contents,
    constructed(tag.SEQUENCE, [oid(oids.ecdsaWithSha256)]),
    primitive(tag.BITSTRING, `\0${sign('sha256', derOf(contents), signer.key).toString('latin1')}`),
    context(0, [constructed(tag.SEQUENCE, [readElement(signer.certificate.raw)])]),
  ])
  const bytes = [oid(oids.basicResponse), primitive(tag.OCTETSTRING, derOf(basic).toString('latin1'))]
  return derOf(constructed(tag.SEQUENCE, [enumerated(0), context(0, [constructed(tag.SEQUENCE, bytes)])]))
}

function statusElement(state: CertificateStatus): Element {
  if (state.status === 'revoked') return context(1, [time(state.at)])
  return context(state.status === 'good' ? 0 : 2, '')
}

/** GeneralizedTime in whole seconds. */
function time(at: Date): Element {
  return primitive(tag.GENERALIZEDTIME, `${at.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}Z`)
}

function enumerated(value: number): Element {
  return primitive(tag.ENUMERATED, String.fromCharCode(value))
}

function subjectOf({ raw }: X509Certificate): Buffer {
  const fields = childrenOf(childrenOf(readElement(raw), 'a certificate')[0], 'the signed part of a certificate')
  return derOf(fields[isContext(fields[0], 0) ? 5 : 4]!)
}

/** The public key without its algorithm; the first byte of a bit string counts unused bits. */
function keyBitsOf({ publicKey }: X509Certificate): Buffer {
  const bits = childrenOf(readElement(publicKey.export({ type: 'spki', format: 'der' })), 'a public key')[1]
  return Buffer.from(String(bits?.value).slice(1), 'latin1')
}
