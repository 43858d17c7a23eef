import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readKeyFile } from '../../../pki/development-keys.js'
import type { Keyring } from '../../../receipts/keyring.js'

/** Key that signs the tokens of push requests, with the certificate that Google would publish. */
export interface OidcKey {
  key: KeyObject
  keyId: string
  /** PEM. */
  certificate: string
}

/** Returns the OpenID Connect key of the sandbox. */
export function oidcKey(keys: Keyring): OidcKey {
  return keys.prepared('google oidc key', () => {
    const text = readKeyFile('google-oidc.pem')
    const key = createPrivateKey(text)
    const keyId = createHash('sha1')
      .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
      .digest('hex')
    return { key, keyId, certificate: text.slice(text.indexOf('-----BEGIN CERTIFICATE-----')) }
  })
}
