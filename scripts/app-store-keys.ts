/**
 * Makes the published and worthless certificates of signed App Store data, and the key of the App Store Server API in the default seed.
 * Run once: `npx tsx scripts/app-store-keys.ts`. Keys and signatures are random, so a second run would change what clients trust.
 */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { childrenOf, constructed, context, derOf, integer, primitive, readElement, tag, type Element } from '../src/pki/asn1.js'
import { forge } from '../src/pki/forge.js'

const organization = 'coinslot'
const unit = 'development, worthless'
const notBefore = '150101000000Z'
const notAfter = '491231235959Z'

/** Extension by which Apple marks the certificates that sign App Store data. */
const leafMarker = '1.2.840.113635.100.6.11.1'
/** Extension by which Apple marks their issuers. */
const intermediateMarker = '1.2.840.113635.100.6.2.1'

interface Party {
  name: string
  privateKey: KeyObject
  publicKey: KeyObject
}

function party(name: string, namedCurve: 'P-256' | 'P-384'): Party {
  return { name: `coinslot development ${name} (worthless)`, ...generateKeyPairSync('ec', { namedCurve }) }
}

function oid(dotted: string): Element {
  return primitive(tag.OID, forge().asn1.oidToDer(dotted).getBytes())
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
  { isAuthority, pathLength, marker }: { isAuthority: boolean; pathLength?: number; marker?: string },
): string {
  const algorithm = constructed(tag.SEQUENCE, [oid('1.2.840.10045.4.3.3')])
  const constraints = isAuthority ? [primitive(tag.BOOLEAN, '\u00ff'), ...(pathLength === undefined ? [] : [integer(pathLength)])] : []
  const extensions = [
    extension('2.5.29.19', constructed(tag.SEQUENCE, constraints), true),
    // Bits keyCertSign and cRLSign, or digitalSignature; the first byte counts the unused bits.
    extension('2.5.29.15', primitive(tag.BITSTRING, isAuthority ? '\u0001\u0006' : '\u0007\u0080'), true),
    extension('2.5.29.14', primitive(tag.OCTETSTRING, keyIdentifier(subject))),
    extension('2.5.29.35', constructed(tag.SEQUENCE, [context(0, keyIdentifier(issuer))])),
    ...(marker === undefined ? [] : [extension(marker, primitive(tag.NULL, ''))]),
  ]
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x7f) | 0x40
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

function write(file: string, ...parts: string[]): void {
  const path = new URL(`../fixtures/keys/${file}`, import.meta.url)
  if (existsSync(path)) throw new Error(`${path.pathname} exists; delete it first, and tell everybody to trust the new root`)
  writeFileSync(path, parts.join(''))
}

function privatePem({ privateKey }: Party): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function note(words: string): string {
  return `Published and worthless: coinslot development ${words} of signed App Store data.\nNever trust anything signed with it, never use it elsewhere.\n\n`
}

function writeChain(prefix: string, words: string): void {
  const root = party(`${words} signed data root`, 'P-384')
  const intermediate = party(`${words} signed data authority`, 'P-384')
  const leaf = party(`${words} signed data`, 'P-256')
  write(`${prefix}-root.pem`, note('root'), privatePem(root), issue(root, root, { isAuthority: true }))
  const authority = { isAuthority: true, pathLength: 0, marker: intermediateMarker }
  write(`${prefix}-intermediate.pem`, note('authority'), privatePem(intermediate), issue(intermediate, root, authority))
  write(`${prefix}-leaf.pem`, note('signer'), privatePem(leaf), issue(leaf, intermediate, { isAuthority: false, marker: leafMarker }))
}

writeChain('app-store-jws', 'App Store')
writeChain('app-store-jws-foreign', 'foreign')
write('app-store-connect.p8', privatePem(party('App Store Connect', 'P-256')))
