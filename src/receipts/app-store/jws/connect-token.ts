import { createPrivateKey } from 'node:crypto'
import { jwsPart, signJws } from '../../jws.js'
import { connectKey } from './development.js'

/** Credentials of the App Store Server API in the default seed. */
export const seededConnect = {
  issuerId: 'c0145107-0000-4000-8000-000000000001',
  keyId: 'SANDBOX001',
  bundleId: 'com.example.game',
  sharedSecret: '0123456789abcdef0123456789abcdef',
} as const

/** Claims that differ from those of an ordinary token. */
export interface TokenWishes {
  bundleId?: string | undefined
  issuerId?: string | undefined
  keyId?: string | undefined
  lifeSeconds?: number
}

const usualLifeSeconds = 1200

/**
 * Returns a bearer token for the App Store Server API, signed with the key of the default seed (Apple's page, Generating JSON Web Tokens for API
 * requests).
 *
 * @throws if the key file of the package is missing or damaged
 */
export function connectToken(at: Date, wishes: TokenWishes = {}): string {
  const { bundleId = seededConnect.bundleId, issuerId = seededConnect.issuerId, keyId = seededConnect.keyId } = wishes
  const iat = Math.floor(at.getTime() / 1000)
  const exp = iat + (wishes.lifeSeconds ?? usualLifeSeconds)
  const header = jwsPart({ alg: 'ES256', kid: keyId, typ: 'JWT' })
  return signJws(header, { iss: issuerId, iat, exp, aud: 'appstoreconnect-v1', bid: bundleId }, createPrivateKey(connectKey()))
}
