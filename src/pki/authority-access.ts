import { sign, type KeyObject } from 'node:crypto'
import { childrenOf, constructed, context, derOf, oid, oidOf, primitive, readElement, tag, type Element } from './asn1.js'

const authorityAccess = '1.3.6.1.5.5.7.1.1'
const ocspMethod = '1.3.6.1.5.5.7.48.1'

/** Returns the extension that names an OCSP responder (RFC 5280 section 4.2.2.1). */
export function ocspExtension(url: string): Element {
  const description = constructed(tag.SEQUENCE, [oid(ocspMethod), context(6, Buffer.from(url).toString('latin1'))])
  const value = derOf(constructed(tag.SEQUENCE, [description])).toString('latin1')
  return constructed(tag.SEQUENCE, [oid(authorityAccess), primitive(tag.OCTETSTRING, value)])
}

/** Parts of a certificate that is issued anew for another OCSP responder. */
export interface ReissueParts {
  url: string
  /** 16 bytes; the two top bits are overwritten so that it is positive and keeps its length. */
  serial: Uint8Array
  /** EC key of the issuer. */
  issuerKey: KeyObject
}

/**
 * Issues a certificate over an EC key, signed with SHA-384, anew with the address of another OCSP responder. Returns DER.
 *
 * @throws Malformed if the bytes are not a certificate
 */
export function reissue(certificate: Uint8Array, { url, serial, issuerKey }: ReissueParts): Buffer {
  const [signed, algorithm] = childrenOf(readElement(certificate), 'a certificate')
  const [version, , ...rest] = childrenOf(signed, 'the signed part of a certificate')
  const extensions = childrenOf(childrenOf(rest.at(-1), 'the extensions')[0], 'the extensions')
  const kept = extensions.filter((each) => oidOf(childrenOf(each, 'an extension')[0], 'an extension type') !== authorityAccess)
  const toSign = constructed(tag.SEQUENCE, [
    version!,
    primitive(tag.INTEGER, positive(serial).toString('latin1')),
    ...rest.slice(0, -1),
    context(3, [constructed(tag.SEQUENCE, [...kept, ocspExtension(url)])]),
  ])
  const signature = sign('sha384', derOf(toSign), issuerKey).toString('latin1')
  return derOf(constructed(tag.SEQUENCE, [toSign, algorithm!, primitive(tag.BITSTRING, `\0${signature}`)]))
}

/** Returns a serial number as certificates hold it. */
export function positive(serial: Uint8Array): Buffer {
  const bytes = Buffer.from(serial)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes
}
