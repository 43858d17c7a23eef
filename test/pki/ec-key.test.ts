import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { es256Holds, parseEcPublicKey, signEs256 } from '../../src/pki/ec-key.js'
import { connectKey } from '../../src/receipts/app-store/jws/development.js'

const privateKey = createPrivateKey(connectKey())
const publicKey = createPublicKey(privateKey)
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()

test('a P-256 key in PEM is read, whatever is around the block', () => {
  expect(parseEcPublicKey(publicPem).ok).toBe(true)
  expect(parseEcPublicKey(`key of the team\n${publicPem}\n`).ok).toBe(true)
})

test.each([
  ['', 'is not a PEM block "PUBLIC KEY"'],
  [connectKey(), 'is a private key'],
  ['-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', 'is PEM, but of no SubjectPublicKeyInfo'],
  [pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), 'is EC secp384r1, not EC P-256'],
  [pemOf(generateKeyPairSync('ed25519').publicKey), 'is ED25519, not EC P-256'],
  ['x'.repeat(20_000), 'is 20000 characters long, more than any key needs'],
])('a string that is not a P-256 key says what it is: %.40s', (text, reason) => {
  expect(parseEcPublicKey(text)).toEqual({ ok: false, reason })
})

test('an ES256 signature has 64 bytes and fits its text and its key alone', () => {
  const signature = signEs256('text', privateKey)
  expect(signature).toHaveLength(64)
  expect(es256Holds('text', { key: publicKey, signature })).toBe(true)
  expect(es256Holds('texT', { key: publicKey, signature })).toBe(false)
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  expect(es256Holds('text', { key: other, signature })).toBe(false)
})

test.each([[0], [63], [65], [72]])('a signature of %i bytes never fits', (size) => {
  expect(es256Holds('text', { key: publicKey, signature: Buffer.alloc(size, 1) })).toBe(false)
})

function pemOf(key: ReturnType<typeof createPublicKey>): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}
