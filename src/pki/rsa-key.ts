import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { decodeBase64, type DecodedBase64 } from './base64.js'

/** A usable key with its size in bits, or the reason why the string is not a key, worded to follow "the key ". */
export type ParsedKey = { ok: true; key: KeyObject; bits: number } | { ok: false; reason: string }

/** The longest text looked at: the largest key fills about 3,300 characters, the rest is room for white space and notes around PEM. */
export const longestKeyText = 16_384

/** Reads the licence key of a Play Console app: Base64 of an RSA SubjectPublicKeyInfo, white space anywhere. */
export function parseLicenseKey(text: string): ParsedKey {
  if (text.includes('-----')) return { ok: false, reason: 'is PEM; give the Base64 text between the dashed lines alone' }
  return publicKeyOf(decodeBody(text))
}

/** Reads a public key as an OUYA console uploads it: a `PUBLIC KEY` PEM block, whatever its line length. */
export function parsePublicKey(text: string): ParsedKey {
  const block = pemBlock(text, 'PUBLIC KEY')
  if (block === undefined) return { ok: false, reason: 'is not a PEM block "PUBLIC KEY"' }
  return publicKeyOf(decodeBody(block))
}

/** Reads an unencrypted private key, PKCS#8, as PEM or as the Base64 of its DER. */
export function parsePrivateKey(text: string): ParsedKey {
  const block = pemBlock(text, 'PRIVATE KEY')
  if (block === undefined && text.includes('-----'))
    return { ok: false, reason: 'is PEM, but not an unencrypted PKCS#8 block "PRIVATE KEY"' }
  const der = decodeBody(block ?? text)
  if (!der.ok) return der
  return rsaKey(() => createPrivateKey({ key: der.bytes, format: 'der', type: 'pkcs8' }), der.bytes.length, 'PKCS#8 private key')
}

/** The DER SubjectPublicKeyInfo of a key, public half where it is private: what OUYA games ship as `key.der`. */
export function spkiDer(key: KeyObject): Buffer {
  return (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })
}

/** The Base64 of the SubjectPublicKeyInfo: the form in which the Play Console shows a licence key. */
export function spkiBase64(key: KeyObject): string {
  return spkiDer(key).toString('base64')
}

const fewestBits = 1024
const mostBits = 4096

function decodeBody(text: string): DecodedBase64 {
  if (text.length > longestKeyText) return { ok: false, reason: `is ${text.length} characters long, more than any key needs` }
  return decodeBase64(text.replace(/\s+/g, ''))
}

function pemBlock(text: string, label: string): string | undefined {
  const head = `-----BEGIN ${label}-----`
  const start = text.indexOf(head)
  const end = text.indexOf(`-----END ${label}-----`, start)
  return start < 0 || end < 0 ? undefined : text.slice(start + head.length, end)
}

function publicKeyOf(der: DecodedBase64): ParsedKey {
  if (!der.ok) return der
  return rsaKey(() => createPublicKey({ key: der.bytes, format: 'der', type: 'spki' }), der.bytes.length, 'SubjectPublicKeyInfo')
}

function rsaKey(read: () => KeyObject, derLength: number, form: string): ParsedKey {
  try {
    const key = read()
    if (key.asymmetricKeyType !== 'rsa') return { ok: false, reason: `is of type ${key.asymmetricKeyType}, not RSA` }
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    if (bits < fewestBits || bits > mostBits) return { ok: false, reason: `has ${bits} bits; ${fewestBits} to ${mostBits} are accepted` }
    if (key.type === 'public' && spkiDer(key).length < derLength) return { ok: false, reason: `has bytes after the end of its ${form}` }
    return { ok: true, key, bits }
  } catch {
    return { ok: false, reason: `is Base64, but of no DER ${form}` }
  }
}
