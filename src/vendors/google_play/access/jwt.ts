import { sign, verify, type KeyObject } from 'node:crypto'
import { readJsonObject } from '../../../kernel/body.js'

/** A JSON Web Token in its parts. */
export interface Jwt {
  header: Record<string, unknown>
  claims: Record<string, unknown>
  /** The text that is signed. */
  signed: string
  signature: Buffer
}

/** A token, or the reason why a string cannot be one, worded to follow "the assertion ". */
export type ReadJwt = { ok: true; jwt: Jwt } | { ok: false; reason: string }

/** Reads a compact JWT. Its parts may be standard Base64 with padding, because `google-oauth-jwt` sends that. */
export function readJwt(text: string): ReadJwt {
  const parts = text.split('.')
  const [head, body, signature] = parts
  if (parts.length !== 3 || !head || !body || !signature) return { ok: false, reason: `has ${parts.length} parts, a JWT has 3` }
  if (!parts.every((part) => /^[\w+/=-]+$/.test(part))) return { ok: false, reason: 'holds characters that are not Base64' }
  const header = readJsonObject(Buffer.from(head, 'base64url'))
  if (!header.ok) return { ok: false, reason: `has a header that is no JSON object: ${header.reason}` }
  const claims = readJsonObject(Buffer.from(body, 'base64url'))
  if (!claims.ok) return { ok: false, reason: `has claims that are no JSON object: ${claims.reason}` }
  const jwt = { header: header.value, claims: claims.value, signed: `${head}.${body}`, signature: Buffer.from(signature, 'base64url') }
  return { ok: true, jwt }
}

/** True if a token is signed with RS256 by the holder of a key. */
export function isSignedBy({ header, signed, signature }: Jwt, key: KeyObject): boolean {
  return header['alg'] === 'RS256' && verify('sha256', Buffer.from(signed), key, signature)
}

/** Returns a JWT that is signed with RS256. */
export function signJwt(claims: Readonly<Record<string, unknown>>, { key, keyId }: { key: KeyObject; keyId: string }): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', kid: keyId, typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
}

/** Times of a token and the clocks that it is judged by. */
interface JwtTimes {
  claims: Readonly<Record<string, unknown>>
  /** Unix milliseconds of each clock, of which one has to agree. */
  clocks: readonly number[]
}

/** Returns what is wrong with the times of a token that may live for an hour, undefined if they are valid by one of the clocks. */
export function wrongTimes({ claims, clocks }: JwtTimes): string | undefined {
  const { iat, exp } = claims
  if (typeof iat !== 'number' || typeof exp !== 'number') return 'iat and exp are not both numbers of seconds'
  if (exp - iat > longestSeconds) return `exp is ${exp - iat} seconds after iat, more than ${longestSeconds}`
  const isFresh = (clock: number) => iat * 1000 <= clock + skewMs && exp * 1000 > clock - skewMs
  if (clocks.some(isFresh)) return undefined
  const shown = clocks.map((clock) => Math.floor(clock / 1000)).join(' and ')
  return `iat ${iat} and exp ${exp} do not enclose the time, which is ${shown} in seconds`
}

const longestSeconds = 3600
/** Difference between the clocks of client and server that Google tolerates. */
const skewMs = 300_000
