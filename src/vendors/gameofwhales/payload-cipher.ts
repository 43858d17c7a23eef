import { createCipheriv, createHash } from 'node:crypto'

/**
 * Encrypts an experiment's signature or an offer's payload: AES-256-CTR under the game's Payload Key, printed as hex (vendor page).
 * Key and counter are derived as Node's password form of `createDecipher` did, which the vendor's page used: MD5 chained without
 * salt. That the Payload Key itself is the password is our interpretation.
 */
export function encryptPayload(value: unknown, payloadKey: string): string {
  const { key, counter } = keyAndCounter(payloadKey)
  const cipher = createCipheriv('aes-256-ctr', key, counter)
  return cipher.update(JSON.stringify(value), 'utf8', 'hex') + cipher.final('hex')
}

/** EVP_BytesToKey with MD5 and one round: 32 bytes of key, then 16 of counter block. */
function keyAndCounter(password: string): { key: Buffer; counter: Buffer } {
  const secret = Buffer.from(password)
  const first = md5(secret)
  const second = md5(Buffer.concat([first, secret]))
  const third = md5(Buffer.concat([second, secret]))
  return { key: Buffer.concat([first, second]), counter: third }
}

function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest()
}
