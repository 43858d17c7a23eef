import { createPublicKey, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import type Forge from 'node-forge'
import { tag } from './asn1.js'
import { forge } from './forge.js'
import { nameConstraintsDer, type NameConstraints } from './name-constraints.js'
import { nodeSigner } from './node-signer.js'

/** The parts of a distinguished name that certificates of the sandbox carry. */
interface SubjectName {
  commonName: string
  organization?: string
  organizationalUnit?: string
}

/** Contents of a new certificate. With `authority` it may issue others, without it is a leaf. */
export interface CertificateRequest {
  subject: SubjectName
  publicKey: KeyObject
  /** Up to 20 bytes, unique per issuer; the two top bits are overwritten so that it is positive and keeps its length. */
  serial: Uint8Array
  notBefore: Date
  notAfter: Date
  authority?: { pathLength?: number; nameConstraints?: NameConstraints }
  /** DNS names (a leading `*.` is a wildcard) and IPv4 or IPv6 addresses. */
  names?: readonly string[]
  /** True if TLS servers may present it. */
  serverAuth?: boolean
}

/** Who signs: a private key, and its certificate unless the new certificate signs itself. */
export interface CertificateIssuer {
  privateKey: KeyObject
  certificate?: string
}

/**
 * Issues an X.509 v3 certificate over RSA keys, signed with SHA-256, as PEM; used for receipts and for TLS alike.
 *
 * @example issueCertificate({ subject, publicKey, serial, notBefore, notAfter, authority: { pathLength: 1 } }, { privateKey })
 */
export function issueCertificate(request: CertificateRequest, issuer: CertificateIssuer): string {
  const certificate = forge().pki.createCertificate()
  certificate.publicKey = forgePublicKey(request.publicKey)
  certificate.serialNumber = positiveHex(request.serial)
  certificate.validity.notBefore = request.notBefore
  certificate.validity.notAfter = request.notAfter
  certificate.setSubject(attributesOf(request.subject))
  const parent = issuer.certificate === undefined ? certificate : forge().pki.certificateFromPem(issuer.certificate)
  certificate.setIssuer(parent === certificate ? certificate.subject.attributes : parent.subject.attributes.map(decoded))
  certificate.setExtensions([...extensionsOf(request), { name: 'subjectKeyIdentifier' }, authorityKeyIdentifier(parent)])
  certificate.sign(nodeSigner(issuer.privateKey), forge().md.sha256.create())
  return forge().pki.certificateToPem(certificate).replaceAll('\r\n', '\n')
}

function extensionsOf(request: CertificateRequest): object[] {
  const { authority, names = [], serverAuth = false } = request
  if (authority) {
    const { pathLength, nameConstraints } = authority
    return [
      { name: 'basicConstraints', critical: true, cA: true, ...(pathLength === undefined ? {} : { pathLenConstraint: pathLength }) },
      { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
      ...(nameConstraints ? [{ id: '2.5.29.30', critical: true, value: nameConstraintsDer(nameConstraints) }] : []),
    ]
  }
  return [
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: serverAuth },
    ...(serverAuth ? [{ name: 'extKeyUsage', serverAuth: true }] : []),
    ...(names.length > 0 ? [{ name: 'subjectAltName', altNames: names.map(altName) }] : []),
  ]
}

function altName(name: string) {
  return isIP(name) ? { type: 7, ip: name } : { type: 2, value: name }
}

function authorityKeyIdentifier(parent: Forge.pki.Certificate) {
  return { name: 'authorityKeyIdentifier', keyIdentifier: keyIdentifierOf(parent) }
}

/** The issuer's own subject key identifier, which may differ from the SHA-1 that forge would compute. */
function keyIdentifierOf(certificate: Forge.pki.Certificate): string {
  const extension = certificate.getExtension('subjectKeyIdentifier')
  if (extension && 'subjectKeyIdentifier' in extension && typeof extension.subjectKeyIdentifier === 'string') {
    const hex = extension.subjectKeyIdentifier
    if (hex !== '') return forge().util.hexToBytes(hex)
  }
  return certificate.generateSubjectKeyIdentifier().getBytes()
}

function attributesOf(subject: SubjectName): Forge.pki.CertificateField[] {
  const fields: [name: string, value: string | undefined][] = [
    ['organizationName', subject.organization],
    ['organizationalUnitName', subject.organizationalUnit],
    ['commonName', subject.commonName],
  ]
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value, valueTagClass: utf8 }]))
}

// The published types call the string type a class; forge writes it as the tag of the value.
const utf8 = tag.UTF8 as unknown as Forge.asn1.Class

/** forge reads UTF-8 as bytes but encodes it again when it writes, so a name taken from a certificate is decoded in between. */
function decoded(field: Forge.pki.CertificateField): Forge.pki.CertificateField {
  if (field.valueTagClass !== utf8 || typeof field.value !== 'string') return field
  return { ...field, value: forge().util.decodeUtf8(field.value) }
}

function forgePublicKey(key: KeyObject): Forge.pki.PublicKey {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return forge().pki.publicKeyFromPem(publicKey.export({ type: 'spki', format: 'pem' }).toString())
}

function positiveHex(serial: Uint8Array): string {
  const bytes = Buffer.from(serial)
  if (bytes.length === 0 || bytes.length > 20) throw new RangeError(`a serial number has 1 to 20 bytes, not ${bytes.length}`)
  bytes[0] = (bytes[0]! & 0x7f) | (bytes.length > 1 ? 0x40 : 0)
  return bytes.toString('hex')
}
