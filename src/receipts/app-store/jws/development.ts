import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readKeyFile } from '../../../pki/development-keys.js'
import { jwsPart } from '../../jws.js'
import { pemBlock } from '../development.js'

/** Signer of App Store data. */
export interface JwsSigner {
  key: KeyObject
  /** Header of everything that it signs, with its chain of three certificates, as an encoded part of a JWS. */
  header: string
  /** PEM. */
  root: string
}

/** The published, worthless keys of signed App Store data. */
export interface JwsMaterial {
  own: JwsSigner
  /** With a root that no client trusts. */
  foreign: JwsSigner
  /** SHA-256 of the own root, as pairs of upper-case hexadecimal digits with colons between. */
  rootFingerprint: string
}

/**
 * Reads the keys and certificates of signed App Store data. Each call reads the files: keep the result.
 *
 * @throws if a file of the package is missing or damaged
 */
export function jwsDevelopment(): JwsMaterial {
  const own = signer('app-store-jws')
  return { own, foreign: signer('app-store-jws-foreign'), rootFingerprint: new X509Certificate(own.root).fingerprint256 }
}

/** The private key `SANDBOX001` of the default seed in PEM, as App Store Connect hands out such keys. */
export function connectKey(): string {
  return readKeyFile('app-store-connect.p8')
}

function signer(prefix: string): JwsSigner {
  const read = (name: string) => readKeyFile(`${prefix}-${name}.pem`)
  const leaf = read('leaf')
  const chain = [leaf, read('intermediate'), read('root')].map((text) => pemBlock(text, 'CERTIFICATE'))
  const x5c = chain.map((pem) => new X509Certificate(pem).raw.toString('base64'))
  return { key: createPrivateKey(pemBlock(leaf, 'PRIVATE KEY')), header: jwsPart({ alg: 'ES256', x5c }), root: chain[2]! }
}
