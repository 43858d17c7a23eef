import { X509Certificate } from 'node:crypto'
import { es256Holds } from '../../../pki/ec-key.js'
import { Malformed, readElement } from '../../../pki/asn1.js'
import { commonNameOf, parseCertificate, publicKeyOf, type ParsedCertificate } from '../../../pki/parsed-certificate.js'
import { readJws, type Jws } from '../../jws.js'
import { verdict, type Check, type Verdict } from '../../verdict.js'

/** Payload of signed App Store data, of any kind. */
export type SignedClaims = Record<string, unknown>

/** Extension that marks the certificates with which Apple signs App Store data. */
const leafMarker = '1.2.840.113635.100.6.11.1'
/** Extension that marks their issuers. */
const intermediateMarker = '1.2.840.113635.100.6.2.1'

/**
 * Verifies signed App Store data as Apple's own library does: three certificates with its markers, a trusted root, and the signature. Never throws; the
 * caller bounds the size.
 */
export function verifySigned(text: string, roots: readonly string[]): Verdict<SignedClaims> {
  const read = readJws(text)
  if (!read.ok) return verdict([{ name: 'parse', ok: false, detail: `the text ${read.reason}` }])
  const { jws } = read
  const parse: Check = { name: 'parse', ok: true, detail: `signed App Store data, ${kindOfPayload(jws.payload)}` }
  const chain = readChain(jws)
  if (typeof chain === 'string') return verdict([parse, { name: 'chain', ok: false, detail: chain }], jws.payload)
  return verdict([parse, signatureCheck(jws, chain[0]!), chainCheck(chain, roots)], jws.payload)
}

/** Names the kind of signed App Store data by its members. */
export function kindOfPayload(payload: SignedClaims): string {
  const { notificationType, subtype } = payload
  if (typeof notificationType === 'string') {
    return `a notification ${notificationType}${typeof subtype === 'string' ? ` ${subtype}` : ''}`
  }
  if ('autoRenewStatus' in payload) return 'the renewal info of a subscription'
  if ('transactionId' in payload) return 'a transaction'
  return 'receiptType' in payload ? 'an app transaction' : 'of an unknown kind'
}

function readChain({ header }: Jws): ParsedCertificate[] | string {
  const { alg, x5c } = header
  if (alg !== 'ES256') return `the header has alg ${JSON.stringify(alg)}; the App Store signs with ES256`
  if (!Array.isArray(x5c)) return 'the header has no x5c, the chain of certificates'
  if (x5c.length !== 3) return `the chain in x5c has ${x5c.length} certificates; it has to have three`
  try {
    return x5c.map((text) => parseCertificate(readElement(Buffer.from(String(text), 'base64'))))
  } catch (error) {
    if (error instanceof Malformed) return `a certificate in x5c cannot be read: ${error.message}`
    throw error
  }
}

function signatureCheck({ signed, signature }: Jws, leaf: ParsedCertificate): Check {
  const name = commonNameOf(leaf)
  const key = publicKeyOf(leaf)
  const ok = key !== undefined && es256Holds(signed, { key, signature })
  return {
    name: 'signature',
    ok,
    detail: ok ? `signed by ${name}, ES256` : `the signature does not fit the payload and the key of ${name}`,
  }
}

function chainCheck([leaf, intermediate, root]: ParsedCertificate[], roots: readonly string[]): Check {
  const failed = (detail: string): Check => ({ name: 'chain', ok: false, detail })
  const [low, middle] = [leaf!, intermediate!]
  if (!low.extensions.has(leafMarker)) return failed(`${commonNameOf(low)} lacks the extension ${leafMarker}`)
  if (!middle.extensions.has(intermediateMarker)) return failed(`${commonNameOf(middle)} lacks the extension ${intermediateMarker}`)
  if (!isIssuedBy(low.x509, middle.x509)) return failed(`${commonNameOf(middle)} did not issue ${commonNameOf(low)}`)
  const trusted = roots.map((pem) => new X509Certificate(pem)).find((each) => isIssuedBy(middle.x509, each))
  if (trusted) return { name: 'chain', ok: true, detail: [low, middle, root!].map(commonNameOf).join(' < ') }
  return failed(`${commonNameOf(middle)} was issued by ${commonNameOf(root!)}, which is not trusted`)
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}
