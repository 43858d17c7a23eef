import type { KeyObject } from 'node:crypto'
import { signEs256 } from '../pki/ec-key.js'
import { parseObject } from './json-object.js'

/** A compact JWS (RFC 7515) in its parts; nothing is verified. */
export interface Jws {
  header: Record<string, unknown>
  payload: Record<string, unknown>
  /** The characters that the signature covers. */
  signed: string
  signature: Buffer
}

/** Parts of a JWS, or the reason why a string is not one, worded to follow "the token ". */
export type ReadJws = { ok: true; jws: Jws } | { ok: false; reason: string }

/** A signed payload with three certificates takes about 5 kB, so nothing longer than this is read. */
export const longestJws = 262_144

/** Reads a compact JWS whose header and payload are JSON objects. */
export function readJws(text: string): ReadJws {
  if (text.length > longestJws) return { ok: false, reason: `is ${text.length} characters long; at most ${longestJws} are read` }
  const parts = text.split('.')
  if (parts.length !== 3)
    return { ok: false, reason: `has ${parts.length} ${parts.length === 1 ? 'part' : 'parts'} in place of three with dots between` }
  const [head = '', body = '', tail = ''] = parts
  const header = readPart(head)
  if (!header.ok) return { ok: false, reason: `has a header that ${header.reason}` }
  const payload = readPart(body)
  if (!payload.ok) return { ok: false, reason: `has a payload that ${payload.reason}` }
  if (!isBase64Url(tail)) return { ok: false, reason: 'has a signature that is not Base64 of the URL alphabet without padding' }
  const jws = { header: header.value, payload: payload.value, signed: `${head}.${body}`, signature: Buffer.from(tail, 'base64url') }
  return { ok: true, jws }
}

/** Returns one part of a compact JWS: JSON in the Base64 of URLs. */
export function jwsPart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Signs a payload with ES256. `header` is an encoded part, so that one that does not change is encoded once. */
export function signJws(header: string, payload: object, key: KeyObject): string {
  const signed = `${header}.${jwsPart(payload)}`
  return `${signed}.${signEs256(signed, key).toString('base64url')}`
}

function readPart(text: string): ReturnType<typeof parseObject> {
  if (!isBase64Url(text)) return { ok: false, reason: 'is not Base64 of the URL alphabet without padding' }
  return parseObject(Buffer.from(text, 'base64url').toString('utf8'))
}

/** True for Base64 of the URL alphabet that has exactly one spelling. */
function isBase64Url(text: string): boolean {
  return /^[\w-]+$/.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text
}
