/**
 * Makes the published and worthless certificates of signed App Store data, and the key of the App Store Server API in the default seed:
 * `npx tsx scripts/app-store-keys.ts`. Keys and root certificates that exist are kept, because clients trust them; other certificates are
 * issued anew.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { childrenOf, constructed, context, derOf, integer, oid, primitive, readElement, tag, type Element } from '../src/pki/asn1.js'
import { ocspExtension, positive } from '../src/pki/authority-access.js'
import { usualOcspUrl } from '../src/receipts/app-store/jws/development.js'

const organization = 'coinslot'
const unit = 'development, worthless'
const notBefore = '150101000000Z'
const notAfter = '491231235959Z'

/** Extension by which Apple marks the certificates that sign App Store data. */
const leafMarker = '1.2.840.113635.100.6.11.1'
/** Extension by which Apple marks their issuers. */
const intermediateMarker = '1.2.840.113635.100.6.2.1'
/** Extended key usage of a certificate that signs OCSP responses, and the mark that nobody asks for its own state (RFC 6960 section 4.2.2.2). */
const ocspSigning = '1.3.6.1.5.5.7.3.9'
const ocspNoCheck = '1.3.6.1.5.5.7.48.1.5'

interface Party {
  name: string
  privateKey: KeyObject
  publicKey: KeyObject
}

function party(name: string, file: string, namedCurve: 'P-256' | 'P-384'): Party {
  return { name: `coinslot development ${name} (worthless)`, ...keyPair(file, namedCurve) }
}

function keyPair(file: string, namedCurve: 'P-256' | 'P-384'): Pick<Party, 'privateKey' | 'publicKey'> {
  if (!existsSync(pathOf(file))) return generateKeyPairSync('ec', { namedCurve })
  const [pem] = /-----BEGIN PRIVATE KEY-----[^]*-----END PRIVATE KEY-----/.exec(readFileSync(pathOf(file), 'utf8'))!
  return { privateKey: createPrivateKey(pem), publicKey: createPublicKey(pem) }
}

function distinguishedName(commonName: string): Element {
  const part = (type: string, text: string) => constructed(tag.SET, [constructed(tag.SEQUENCE, [oid(type), primitive(tag.UTF8, text)])])
  return constructed(tag.SEQUENCE, [part('2.5.4.10', organization), part('2.5.4.11', unit), part('2.5.4.3', commonName)])
}

function extension(id: string, value: Element, isCritical = false): Element {
  const critical = isCritical ? [primitive(tag.BOOLEAN, '\u00ff')] : []
  return constructed(tag.SEQUENCE, [oid(id), ...critical, primitive(tag.OCTETSTRING, derOf(value).toString('latin1'))])
}

function spki({ publicKey }: Party): Element {
  return readElement(publicKey.export({ type: 'spki', format: 'der' }))
}

function keyIdentifier(of: Party): string {
  const bits = childrenOf(spki(of), 'the key')[1]!.value as string
  return createHash('sha1')
    .update(Buffer.from(bits.slice(1), 'latin1'))
    .digest()
    .toString('latin1')
}

/** Issues a certificate over an EC key, signed with SHA-384 as Apple's are. */
function issue(
  subject: Party,
  issuer: Party,
  { isAuthority, pathLength, further = [] }: { isAuthority: boolean; pathLength?: number; further?: Element[] },
): string {
  const algorithm = constructed(tag.SEQUENCE, [oid('1.2.840.10045.4.3.3')])
  const constraints = isAuthority ? [primitive(tag.BOOLEAN, '\u00ff'), ...(pathLength === undefined ? [] : [integer(pathLength)])] : []
  const extensions = [
    extension('2.5.29.19', constructed(tag.SEQUENCE, constraints), true),
    // Bits keyCertSign and cRLSign, or digitalSignature; the first byte counts the unused bits.
    extension('2.5.29.15', primitive(tag.BITSTRING, isAuthority ? '\u0001\u0006' : '\u0007\u0080'), true),
    extension('2.5.29.14', primitive(tag.OCTETSTRING, keyIdentifier(subject))),
    extension('2.5.29.35', constructed(tag.SEQUENCE, [context(0, keyIdentifier(issuer))])),
    ...further,
  ]
  const serial = positive(randomBytes(16))
  const toSign = constructed(tag.SEQUENCE, [
    context(0, [integer(2)]),
    primitive(tag.INTEGER, serial.toString('latin1')),
    algorithm,
    distinguishedName(issuer.name),
    constructed(tag.SEQUENCE, [primitive(tag.UTCTIME, notBefore), primitive(tag.UTCTIME, notAfter)]),
    distinguishedName(subject.name),
    spki(subject),
    context(3, [constructed(tag.SEQUENCE, extensions)]),
  ])
  const signature = sign('sha384', derOf(toSign), issuer.privateKey)
  const der = derOf(constructed(tag.SEQUENCE, [toSign, algorithm, primitive(tag.BITSTRING, `\0${signature.toString('latin1')}`)]))
  const lines = der.toString('base64').match(/.{1,64}/g)!
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function pathOf(file: string): URL {
  return new URL(`../fixtures/keys/${file}`, import.meta.url)
}

function write(file: string, ...parts: string[]): void {
  writeFileSync(pathOf(file), parts.join(''))
}

function marker(id: string): Element {
  return extension(id, primitive(tag.NULL, ''))
}

function privatePem({ privateKey }: Party): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function note(words: string): string {
  return `Published and worthless: coinslot development ${words} of signed App Store data.\nNever trust anything signed with it, never use it elsewhere.\n\n`
}

function writeChain(prefix: string, words: string): { root: Party; intermediate: Party } {
  const files = { root: `${prefix}-root.pem`, intermediate: `${prefix}-intermediate.pem`, leaf: `${prefix}-leaf.pem` }
  const root = party(`${words} signed data root`, files.root, 'P-384')
  const intermediate = party(`${words} signed data authority`, files.intermediate, 'P-384')
  const leaf = party(`${words} signed data`, files.leaf, 'P-256')
  if (!existsSync(pathOf(files.root))) write(files.root, note('root'), privatePem(root), issue(root, root, { isAuthority: true }))
  const ocsp = ocspExtension(usualOcspUrl)
  const authority = { isAuthority: true, pathLength: 0, further: [marker(intermediateMarker), ocsp] }
  write(files.intermediate, note('authority'), privatePem(intermediate), issue(intermediate, root, authority))
  const signer = { isAuthority: false, further: [marker(leafMarker), ocsp] }
  write(files.leaf, note('signer'), privatePem(leaf), issue(leaf, intermediate, signer))
  return { root, intermediate }
}

/** Writes the signer of OCSP responses about the certificates of one issuer. */
function writeOcspSigner(file: string, words: string, issuer: Party): void {
  const signer = party(`${words} OCSP`, file, 'P-256')
  const usage = extension('2.5.29.37', constructed(tag.SEQUENCE, [oid(ocspSigning)]))
  const certificate = issue(signer, issuer, { isAuthority: false, further: [usage, marker(ocspNoCheck)] })
  write(file, note(`signer of OCSP responses (${words})`), privatePem(signer), certificate)
}

const { root, intermediate } = writeChain('app-store-jws', 'App Store')
writeOcspSigner('app-store-jws-root-ocsp.pem', 'App Store root', root)
writeOcspSigner('app-store-jws-intermediate-ocsp.pem', 'App Store authority', intermediate)
writeChain('app-store-jws-foreign', 'foreign')
if (!existsSync(pathOf('app-store-connect.p8'))) {
  write('app-store-connect.p8', privatePem(party('App Store Connect', 'app-store-connect.p8', 'P-256')))
}
