import { jwsPart, signJws } from '../../jws.js'
import type { JwsMaterial } from './development.js'

/** Damage that signed data can be minted with. */
export type Tamper = 'signature' | 'data' | 'key'

/** Signs a payload as the App Store does: ES256 with the chain of certificates in the header. Members without a value are left out. */
export function signPayload(payload: object, { own, foreign }: JwsMaterial, tamper?: Tamper): string {
  const { header, key } = tamper === 'key' ? foreign : own
  const signed = signJws(header, payload, key)
  if (tamper === undefined || tamper === 'key') return signed
  const parts = signed.split('.')
  if (tamper === 'data') return [parts[0], jwsPart(altered(payload)), parts[2]].join('.')
  const signature = Buffer.from(parts[2]!, 'base64url')
  signature[signature.length - 1]! ^= 1
  return [parts[0], parts[1], signature.toString('base64url')].join('.')
}

/** The payload with a value changed that a cheat would like changed. */
function altered(payload: object): object {
  const quantity = 'quantity' in payload && typeof payload.quantity === 'number' ? payload.quantity : 0
  return { ...payload, quantity: quantity + 1 }
}
