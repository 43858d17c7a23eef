import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { longestKeyText } from './rsa-key.js'

/** A P-256 key, or the reason why the string is not one, worded to follow "the key ". */
export type ParsedEcKey = { ok: true; key: KeyObject } | { ok: false; reason: string }

/** Reads a public key on the curve P-256: a `PUBLIC KEY` PEM block. */
export function parseEcPublicKey(text: string): ParsedEcKey {
  if (text.length > longestKeyText) return { ok: false, reason: `is ${text.length} characters long, more than any key needs` }
  if (/-----BEGIN (?:EC )?PRIVATE KEY-----/.test(text)) return { ok: false, reason: 'is a private key' }
  if (!text.includes('-----BEGIN PUBLIC KEY-----')) return { ok: false, reason: 'is not a PEM block "PUBLIC KEY"' }
  try {
    const key = createPublicKey(text)
    return isP256(key) ? { ok: true, key } : { ok: false, reason: `is ${nameOf(key)}, not EC P-256` }
  } catch {
    return { ok: false, reason: 'is PEM, but of no SubjectPublicKeyInfo' }
  }
}

/** True for a key on the curve P-256, the only one of ES256. */
export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
}

/** Signs a string with ES256 (RFC 7518 section 3.4): the two numbers in 64 bytes, not DER. */
export function signEs256(text: string, key: KeyObject): Buffer {
  return sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
}

/** True if an ES256 signature over a string is valid; false also for a signature of another length and for a key of another kind. */
export function es256Holds(text: string, { key, signature }: { key: KeyObject; signature: Uint8Array }): boolean {
  if (signature.length !== 64 || !isP256(key)) return false
  try {
    return verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, signature)
  } catch {
    return false
  }
}

function nameOf(key: KeyObject): string {
  const { asymmetricKeyType: type = 'of an unknown kind', asymmetricKeyDetails: details } = key
  return type === 'ec' ? `EC ${details?.namedCurve ?? 'of an unknown curve'}` : type.toUpperCase()
}
