import { childrenOf, derOf, octetsOf, primitive, tag, type Element } from '../../pki/asn1.js'
import { forge } from '../../pki/forge.js'
import { nodeSigner, type SigningDigest } from '../../pki/node-signer.js'
import type { AppStoreSigner } from './development.js'

/** Options for writing a PKCS#7 message. */
export interface SignedDataOptions {
  digest: SigningDigest
  /** Indefinite lengths around the content, as Xcode writes them. */
  isIndefinite?: boolean
  /** Put in place of the content once it is signed. */
  replacement?: Buffer
  /** One bit of the signature is changed. */
  hasBrokenSignature?: boolean
}

/** Signs content as the App Store does: PKCS#7 SignedData without signed attributes, all certificates up to the root inside. */
export function writeSignedData(content: Buffer, signer: AppStoreSigner, options: SignedDataOptions): Buffer {
  const message = forge().pkcs7.createSignedData()
  message.content = forge().util.createBuffer(content.toString('latin1'))
  for (const certificate of [signer.certificate, ...signer.issuers]) message.addCertificate(certificate)
  const digestAlgorithm = forge().pki.oids[options.digest]!
  message.addSigner({ key: nodeSigner(signer.key), certificate: signer.certificate, digestAlgorithm })
  message.sign()
  const tree = message.toAsn1()
  const signedData = childrenOf(childrenOf(tree, 'the message')[1], 'the content')[0]
  const parts = childrenOf(signedData, 'SignedData')
  if (options.replacement) contentOf(parts).value = options.replacement.toString('latin1')
  if (options.hasBrokenSignature) flipBit(signatureOf(parts))
  return options.isIndefinite ? indefiniteMessage(parts) : derOf(tree)
}

function contentOf(parts: Element[]): Element {
  return childrenOf(childrenOf(parts[2], 'the signed content')[1], 'the content')[0]!
}

function signatureOf(parts: Element[]): Element {
  return childrenOf(childrenOf(parts.at(-1), 'the signers')[0], 'the signer').at(-1)!
}

function flipBit(element: Element): void {
  const bytes = Buffer.from(octetsOf(element, 'the signature'), 'latin1')
  bytes[bytes.length >> 1]! ^= 1
  element.value = bytes.toString('latin1')
}

// The identifier octets of the elements around the content, all of them constructed.
const sequence = 0x30
const explicit = 0xa0
const pieces = 0x24
// Chunk size of Apple's encoder.
const pieceLength = 1000

function indefiniteMessage(parts: Element[]): Buffer {
  const content = octetsOf(contentOf(parts), 'the content')
  const count = Math.ceil(content.length / pieceLength)
  const cut = Array.from({ length: count }, (_, index) => content.slice(index * pieceLength, (index + 1) * pieceLength))
  const octets = indefinite(pieces, ...cut.map((piece) => derOf(primitive(tag.OCTETSTRING, piece))))
  const signedContent = indefinite(sequence, oid(forge().pki.oids.data!), indefinite(explicit, octets))
  const rest = parts.map((part, index) => (index === 2 ? signedContent : derOf(part)))
  return indefinite(sequence, oid(forge().pki.oids.signedData!), indefinite(explicit, indefinite(sequence, ...rest)))
}

function indefinite(identifier: number, ...content: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([identifier, 0x80]), ...content, Buffer.from([0, 0])])
}

function oid(dotted: string): Buffer {
  return derOf(primitive(tag.OID, forge().asn1.oidToDer(dotted).getBytes()))
}
