import { X509Certificate, type KeyObject } from 'node:crypto'
import { childrenOf, derOf, integerOf, isContext, isTagged, Malformed, octetsOf, oidOf, readElement, tag, type Element } from './asn1.js'

/** A certificate as chains need it: node's own view, and the few fields node does not show. */
export interface ParsedCertificate {
  x509: X509Certificate
  issuer: Element
  serial: Element
  /** Maximum number of authorities between this one and a leaf; absent = unlimited. */
  pathLength?: number
  /** The subject key identifier as Latin-1 bytes. */
  keyIdentifier?: string
  /** Identifiers of its extensions. */
  extensions: ReadonlySet<string>
}

/**
 * Reads an X.509 certificate that is already an ASN.1 element.
 *
 * @throws Malformed if the bytes are not a certificate.
 */
export function parseCertificate(element: Element): ParsedCertificate {
  const fields = childrenOf(childrenOf(element, 'a certificate')[0], 'the signed part of a certificate')
  const at = isContext(fields[0], 0) ? 1 : 0
  const [serial, , issuer] = fields.slice(at)
  if (!isTagged(serial, tag.INTEGER) || !isTagged(issuer, tag.SEQUENCE)) throw new Malformed('a certificate lacks serial number or issuer')
  const extensions = extensionsOf(fields)
  const x509 = decode(derOf(element))
  return { x509, issuer, serial, extensions: new Set(extensions.keys()), ...pathLengthIn(extensions), ...keyIdentifierIn(extensions) }
}

/** The certificates of a PEM text, in order; a text with none or with a damaged one gives a reason, worded to follow "the root ". */
export function certificatesInPem(text: string): { ok: true; certificates: ParsedCertificate[] } | { ok: false; reason: string } {
  const blocks = text.split('-----BEGIN CERTIFICATE-----').slice(1)
  if (blocks.length === 0) return { ok: false, reason: 'holds no PEM certificate' }
  try {
    return { ok: true, certificates: blocks.map((block) => parseCertificate(readElement(bytesInPem(block)))) }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, reason: `cannot be read: ${error.message}` }
    throw error
  }
}

/** The common name of a certificate's subject, for sentences; the whole subject where there is none. */
export function commonNameOf({ x509 }: ParsedCertificate): string {
  return commonNameIn(x509.subject)
}

/** The common name of a certificate's issuer, for sentences. */
export function issuerNameOf({ x509 }: ParsedCertificate): string {
  return commonNameIn(x509.issuer)
}

function commonNameIn(distinguishedName: string): string {
  const name = /^CN=(.*)$/m.exec(distinguishedName)?.[1] ?? (distinguishedName || 'a certificate without a name')
  // Node puts a backslash before commas and the like.
  return name.slice(0, 100).replaceAll(/\\(.)/g, '$1')
}

/** The public key, unless it is of a kind node does not know. */
export function publicKeyOf({ x509 }: ParsedCertificate): KeyObject | undefined {
  try {
    return x509.publicKey
  } catch {
    return undefined
  }
}

function bytesInPem(block: string): Buffer {
  return Buffer.from(block.split('-----END CERTIFICATE-----', 1)[0]!, 'base64')
}

function decode(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch (error) {
    throw new Malformed(`a certificate cannot be read (${error instanceof Error ? error.message : String(error)})`)
  }
}

/** Extension values by identifier: the OCTET STRING each of them is wrapped in. */
function extensionsOf(fields: Element[]): Map<string, Element | undefined> {
  const wrapped = fields.find((field) => isContext(field, 3))
  if (!wrapped) return new Map()
  const list = childrenOf(childrenOf(wrapped, 'the extensions')[0], 'the extensions')
  return new Map(
    list.map((extension) => {
      const parts = childrenOf(extension, 'an extension')
      return [oidOf(parts[0], 'an extension type'), parts.at(-1)]
    }),
  )
}

function pathLengthIn(extensions: Map<string, Element | undefined>): { pathLength?: number } {
  const extension = extensions.get('2.5.29.19')
  if (!extension) return {}
  const limit = childrenOf(readElement(octetsOf(extension, 'basicConstraints')), 'basicConstraints').at(1)
  return limit ? { pathLength: Number(integerOf(limit, 'the path length')) } : {}
}

function keyIdentifierIn(extensions: Map<string, Element | undefined>): { keyIdentifier?: string } {
  const extension = extensions.get('2.5.29.14')
  if (!extension) return {}
  return { keyIdentifier: octetsOf(readElement(octetsOf(extension, 'subjectKeyIdentifier')), 'subjectKeyIdentifier') }
}
