import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { developmentKeys, parsePrivateKey } from '../../src/pki/keys.js'

/** The worked example of the OUYA notes: made with the JDK's ciphers, throw-away keys. */
export const workedExample = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(new URL('ouya-worked-example.json', import.meta.url), 'utf8')))

/** The worked example's key pairs: `gamer` belongs to the console, `application` to the game. */
export const gamer = pairOf(privateKeyIn('gamer_private_key_pkcs8_der_base64'))
export const application = pairOf(privateKeyIn('application_private_key_pkcs8_der_base64'))

/** A key pair that the example does not use. */
export const stranger = pairOf(developmentKeys().ouyaGamers[0]!)

function pairOf(privateKey: KeyObject) {
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

function privateKeyIn(name: string): KeyObject {
  const parsed = parsePrivateKey(workedExample[name] ?? '')
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.key
}
