import { createHash } from 'node:crypto'
import {
  childrenOf,
  constructed,
  derOf,
  kindOfElement,
  isContext,
  isTagged,
  Malformed,
  octetsOf,
  oidOf,
  readElement,
  tag,
  type Element,
} from '../../pki/asn1.js'
import { commonNameOf, parseCertificate, publicKeyOf, type ParsedCertificate } from '../../pki/parsed-certificate.js'
import type { Check } from '../verdict.js'
import { isReceiptKey, rsaSignatureHolds } from '../rsa-signature.js'

/** A PKCS#7 SignedData message taken apart, nothing in it judged yet. */
export interface SignedData {
  /** The signed bytes as Latin-1 text. */
  content: string
  certificates: ParsedCertificate[]
  /** The embedded certificate that the signer names, where there is one. */
  signer?: ParsedCertificate
  /** Name of the digest in node:crypto, or its object identifier if it is unknown. */
  digest: string
  signatureAlgorithm: string
  signature: string
  contentType: string
  attributes?: SignedAttributes
}

/** Attributes that are signed in place of the content, which they name by its digest. */
interface SignedAttributes {
  contentType?: string
  /** Latin-1 bytes. */
  messageDigest?: string
  /** Signed bytes. */
  bytes: Buffer
}

/** Returns true if bytes begin as a SignedData message does: a SEQUENCE whose first element, after a head of at most six bytes, names the type. */
export function looksLikeSignedData(bytes: Buffer): boolean {
  const at = bytes.subarray(0, 6 + signedDataType.length).indexOf(signedDataType)
  return bytes[0] === 0x30 && at >= 2
}

const signedDataType = Buffer.from('06092a864886f70d010702', 'hex')

/**
 * Takes a SignedData message apart, DER or BER with indefinite lengths. Bytes behind the message are passed over, as OpenSSL does,
 * with which the vendor's own decoder reads receipts.
 *
 * @throws Malformed when it is something else.
 */
export function parseSignedData(bytes: Uint8Array): SignedData {
  const [type, wrapped] = childrenOf(readElement(bytes, { mayGoOn: true }), 'the message')
  if (oidOf(type, 'the message type') !== oids.signedData) throw new Malformed('the message is no PKCS#7 SignedData')
  const fields = childrenOf(explicit(wrapped, 'the message content'), 'SignedData')
  const [contentType, content] = childrenOf(fields[2], 'the signed content')
  const [signerInfo, ...others] = childrenOf(fields.at(-1), 'the list of signers')
  if (others.length > 0) throw new Malformed(`${others.length + 1} signers, where a receipt has one`)
  const certificates = certificatesIn(fields.find((field, index) => index > 2 && isContext(field, 0)))
  const signer = parseSigner(childrenOf(signerInfo, 'the signer'))
  return {
    ...signer.fields,
    content: octetsOf(explicit(content, 'the content'), 'the content'),
    contentType: oidOf(contentType, 'the content type'),
    certificates,
    ...withSigner(certificates.find((certificate) => isNamedBy(signer.id, certificate))),
  }
}

/** The one element inside an explicit [0]. */
function explicit(element: Element | undefined, what: string): Element | undefined {
  if (!isContext(element, 0)) throw new Malformed(`${what} is ${kindOfElement(element)} in place of [0]`)
  return childrenOf(element, what)[0]
}

/** True if the signature over the content is valid for the key of the signer's certificate, without a check of its issuer. */
export function signatureCheck(signed: SignedData): Check {
  const fault = signatureFault(signed)
  const by = signed.signer ? `signed by ${commonNameOf(signed.signer)}` : 'signed'
  return { name: 'signature', ok: fault === undefined, detail: fault ?? `${by}, RSA with ${signed.digest.toUpperCase()}` }
}

function signatureFault(signed: SignedData): string | undefined {
  const { signer, digest, signature, signatureAlgorithm } = signed
  if (!signer) return `the signer's certificate is not among the ${signed.certificates.length} embedded ones`
  if (!digests.has(digest)) return `digest algorithm ${digest} is not accepted`
  if (!signaturesWith(digest).includes(signatureAlgorithm)) return `signature algorithm ${signatureAlgorithm} does not go with ${digest}`
  const key = publicKeyOf(signer)
  if (!isReceiptKey(key)) return `the key of ${commonNameOf(signer)} is not RSA of 1024 to 8192 bits`
  const covered = coveredBytes(signed)
  if (typeof covered === 'string') return covered
  const holds = rsaSignatureHolds(digest, covered, { key, signature: Buffer.from(signature, 'latin1') })
  return holds ? undefined : `the signature does not fit the content and the key of ${commonNameOf(signer)}`
}

/** Returns the signed bytes: the content itself, or attributes with its digest. A string is the reason why there are none. */
function coveredBytes({ content, contentType, digest, attributes }: SignedData): Buffer | string {
  const contentBytes = Buffer.from(content, 'latin1')
  if (!attributes) return contentBytes
  if (attributes.contentType !== contentType) return 'the signed attributes name another content type'
  const actual = createHash(digest).update(contentBytes).digest().toString('latin1')
  return attributes.messageDigest === actual ? attributes.bytes : 'the signed digest is not that of the content'
}

function parseAttributes(list: Element): SignedAttributes {
  const elements = childrenOf(list, 'the signed attributes')
  const values = new Map(
    elements.map((element) => {
      const [type, value] = childrenOf(element, 'a signed attribute')
      return [oidOf(type, 'a signed attribute'), childrenOf(value, 'a signed attribute')[0]]
    }),
  )
  const contentType = values.get(oids.contentType)
  const messageDigest = values.get(oids.messageDigest)
  return {
    ...(contentType ? { contentType: oidOf(contentType, 'the signed content type') } : {}),
    ...(messageDigest ? { messageDigest: octetsOf(messageDigest, 'the signed digest') } : {}),
    // Signed as a SET, though stored under an implicit [0] (RFC 2315 section 9.3).
    bytes: derOf(constructed(tag.SET, elements)),
  }
}

interface SignerId {
  issuer?: Element
  serial?: Element
  keyIdentifier?: string
}

function parseSigner(fields: Element[]): {
  id: SignerId
  fields: Pick<SignedData, 'digest' | 'signatureAlgorithm' | 'signature' | 'attributes'>
} {
  const [, id, digestAlgorithm, ...rest] = fields
  const attributes = isContext(rest[0], 0) ? rest[0] : undefined
  const [algorithm, signature] = attributes ? rest.slice(1) : rest
  const digest = oidOf(childrenOf(digestAlgorithm, 'the digest algorithm')[0], 'the digest algorithm')
  return {
    id: parseSignerId(id),
    fields: {
      digest: digestNames.get(digest) ?? digest,
      signatureAlgorithm: oidOf(childrenOf(algorithm, 'the signature algorithm')[0], 'the signature algorithm'),
      signature: octetsOf(signature, 'the signature'),
      ...(attributes ? { attributes: parseAttributes(attributes) } : {}),
    },
  }
}

function parseSignerId(id: Element | undefined): SignerId {
  if (isContext(id, 0) && typeof id.value === 'string') return { keyIdentifier: id.value }
  const [issuer, serial] = childrenOf(id, "the signer's name")
  if (!issuer || !serial) throw new Malformed("the signer's name lacks issuer or serial number")
  return { issuer, serial }
}

function isNamedBy(id: SignerId, certificate: ParsedCertificate): boolean {
  if (id.keyIdentifier !== undefined) return certificate.keyIdentifier === id.keyIdentifier
  if (!id.issuer || !id.serial) return false
  return derOf(id.serial).equals(derOf(certificate.serial)) && derOf(id.issuer).equals(derOf(certificate.issuer))
}

function withSigner(signer: ParsedCertificate | undefined): { signer?: ParsedCertificate } {
  return signer ? { signer } : {}
}

const mostCertificates = 10

function certificatesIn(list: Element | undefined): ParsedCertificate[] {
  const found = list ? childrenOf(list, 'the certificates').filter((element) => isTagged(element, tag.SEQUENCE)) : []
  if (found.length > mostCertificates) throw new Malformed(`${found.length} certificates, at most ${mostCertificates} are read`)
  return found.map(parseCertificate)
}

// Of PKCS#7 and PKCS#9 (RFC 2315, RFC 2985), and of signatures (RFC 8017).
const oids = {
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  rsaEncryption: '1.2.840.113549.1.1.1',
} as const

const digestNames = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])
const digests = new Set(digestNames.values())

const digestSignatures = new Map([
  ['sha1', '1.2.840.113549.1.1.5'],
  ['sha256', '1.2.840.113549.1.1.11'],
  ['sha384', '1.2.840.113549.1.1.12'],
  ['sha512', '1.2.840.113549.1.1.13'],
])

/** Genuine receipts name the signature either as plain RSA or together with its digest. */
function signaturesWith(digest: string): (string | undefined)[] {
  return [oids.rsaEncryption, digestSignatures.get(digest)]
}
