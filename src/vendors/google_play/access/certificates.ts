import { createPublicKey } from 'node:crypto'
import type { Call } from '../../../contract.js'
import { json, type Reply } from '../../../kernel/reply.js'
import type { Keyring } from '../../../receipts/keyring.js'
import { oidcKey } from './google-keys.js'
import type { tables } from '../tables.js'

/** Clients keep the certificates for this time. */
const caching = { 'Cache-Control': 'public, max-age=60' }

/** `GET /oauth2/v1/certs`: certificates as PEM by key id. */
export function pemCertificates(call: Call<typeof tables>): Reply {
  call.explain('found', 'The certificate of the key that signs push tokens.')
  return pemReply(call.keys)
}

/** Certificates as PEM by key id. */
export function pemReply(keys: Keyring): Reply {
  const { keyId, certificate } = oidcKey(keys)
  return json(200, { [keyId]: certificate }, 'application/json; charset=UTF-8', caching)
}

/** `GET /oauth2/v3/certs`: the same key as a JSON Web Key. */
export function jwkCertificates(call: Call<typeof tables>): Reply {
  call.explain('found', 'The public key that verifies push tokens.')
  const { key, keyId } = oidcKey(call.keys)
  const { n, e } = createPublicKey(key).export({ format: 'jwk' })
  return json(200, { keys: [{ kid: keyId, kty: 'RSA', alg: 'RS256', use: 'sig', n, e }] }, 'application/json; charset=UTF-8', caching)
}

/** `GET /.well-known/openid-configuration` */
export function openIdConfiguration(call: Call<typeof tables>): Reply {
  call.explain('found', 'Issuer and keys of push tokens.')
  const configuration = {
    issuer: 'https://accounts.google.com',
    authorization_endpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
    token_endpoint: 'https://oauth2.googleapis.com/token',
    jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
    response_types_supported: ['code', 'token', 'id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
  return json(200, configuration, 'application/json', caching)
}
