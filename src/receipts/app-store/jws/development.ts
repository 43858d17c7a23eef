import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { positive, reissue } from '../../../pki/authority-access.js'
import { readKeyFile } from '../../../pki/development-keys.js'
import type { OcspSigner } from '../../../pki/ocsp.js'
import { jwsPart } from '../../jws.js'
import type { Keyring } from '../../keyring.js'
import { pemBlock } from '../development.js'

/** OCSP responder that the certificates of signed data name. Apple's name another path of this host. */
export const usualOcspUrl = 'http://ocsp.apple.com/ocsp'

/** Signer of App Store data. */
export interface JwsSigner {
  key: KeyObject
  /** Header of everything that it signs, with its chain of three certificates, as an encoded part of a JWS. */
  header: string
  /** PEM. */
  root: string
  /** Leaf, intermediate and root. */
  chain: readonly X509Certificate[]
}

/** The published, worthless keys of signed App Store data. */
export interface JwsMaterial {
  own: JwsSigner
  /** With a root that no client trusts. */
  foreign: JwsSigner
  /** SHA-256 of the own root, as pairs of upper-case hexadecimal digits with colons between. */
  rootFingerprint: string
}

/** Returns the keys and certificates of signed App Store data that name an OCSP responder, from the cache of a sandbox. */
export function jwsKeys(keys: Pick<Keyring, 'prepared'>, ocspUrl = usualOcspUrl): JwsMaterial {
  return keys.prepared(`app store jws keys ${ocspUrl}`, () => jwsDevelopment(ocspUrl))
}

/**
 * Reads the keys and certificates of signed App Store data. Each call reads the files: keep the result. For another OCSP responder than the
 * usual one the certificates are issued anew.
 *
 * @throws if a file of the package is missing or damaged
 */
export function jwsDevelopment(ocspUrl = usualOcspUrl): JwsMaterial {
  const own = signer('app-store-jws', ocspUrl)
  return { own, foreign: signer('app-store-jws-foreign', ocspUrl), rootFingerprint: own.chain[2]!.fingerprint256 }
}

/** An issuer of the own certificates: which one it issued, and who signs OCSP responses about it. */
export interface OcspIssuer {
  certificate: X509Certificate
  signer: OcspSigner
  /** Serial number of its certificate for an OCSP responder, hexadecimal and upper case. */
  serialFor(ocspUrl: string): string
}

/** Reads the two issuers of the own certificates: root and intermediate. Each call reads the files: keep the result. */
export function ocspIssuers(): OcspIssuer[] {
  return [issuer('root', 'intermediate'), issuer('intermediate', 'leaf')]
}

/** The private key `SANDBOX001` of the default seed in PEM, as App Store Connect hands out such keys. */
export function connectKey(): string {
  return readKeyFile('app-store-connect.p8')
}

function issuer(name: 'root' | 'intermediate', issued: 'intermediate' | 'leaf'): OcspIssuer {
  const signing = readParty(`app-store-jws-${name}-ocsp.pem`)
  const { certificate } = readParty(`app-store-jws-${issued}.pem`)
  return {
    certificate: readParty(`app-store-jws-${name}.pem`).certificate,
    signer: signing,
    serialFor: (url) => (url === usualOcspUrl ? certificate.serialNumber : serialFor(certificate, url).toString('hex').toUpperCase()),
  }
}

function signer(prefix: string, ocspUrl: string): JwsSigner {
  const [leaf, intermediate, root] = ['leaf', 'intermediate', 'root'].map((name) => readParty(`${prefix}-${name}.pem`))
  const forUrl = (one: Party, by: Party) =>
    ocspUrl === usualOcspUrl
      ? one.certificate
      : new X509Certificate(reissue(one.certificate.raw, { url: ocspUrl, serial: serialFor(one.certificate, ocspUrl), issuerKey: by.key }))
  const chain = [forUrl(leaf!, intermediate!), forUrl(intermediate!, root!), root!.certificate]
  const x5c = chain.map(({ raw }) => raw.toString('base64'))
  return { key: leaf!.key, header: jwsPart({ alg: 'ES256', x5c }), root: root!.pem, chain }
}

/** Returns the serial number of a certificate that is issued anew: the same in each process, so that each knows it again. */
function serialFor({ serialNumber }: X509Certificate, ocspUrl: string): Buffer {
  return positive(createHash('sha256').update(`${serialNumber} ${ocspUrl}`).digest().subarray(0, 16))
}

interface Party {
  key: KeyObject
  certificate: X509Certificate
  /** The certificate. */
  pem: string
}

function readParty(file: string): Party {
  const text = readKeyFile(file)
  const pem = pemBlock(text, 'CERTIFICATE')
  return { key: createPrivateKey(pemBlock(text, 'PRIVATE KEY')), certificate: new X509Certificate(pem), pem }
}
