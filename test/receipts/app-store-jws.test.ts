import { Environment, SignedDataVerifier } from '@apple/app-store-server-library'
import { decodeTransaction } from 'app-store-server-api'
import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { jwsDevelopment } from '../../src/receipts/app-store/jws/development.js'
import { signPayload } from '../../src/receipts/app-store/jws/sign.js'
import { verifySigned } from '../../src/receipts/app-store/jws/verify.js'
import { jwsPart, readJws, signJws } from '../../src/receipts/jws.js'
import { appStoreDevelopment } from '../../src/receipts/app-store/development.js'
import { firstFailure } from '../../src/receipts/verdict.js'

const material = jwsDevelopment()
const root = material.own.root
const payload = {
  transactionId: '1000000102184162',
  originalTransactionId: '1000000102184162',
  bundleId: 'com.example.game',
  productId: 'gems.10',
  quantity: 1,
  type: 'Consumable',
  environment: 'Sandbox',
  purchaseDate: 1_767_225_600_000,
  signedDate: 1_767_225_600_000,
}
const verifier = new SignedDataVerifier([new X509Certificate(root).raw], false, Environment.SANDBOX, 'com.example.game')

test('Apple’s own library verifies a signed transaction with the root of the sandbox', async () => {
  await expect(verifier.verifyAndDecodeTransaction(signPayload(payload, material))).resolves.toMatchObject(payload)
})

test('the npm package app-store-server-api decodes a signed transaction with the fingerprint of the root', async () => {
  await expect(decodeTransaction(signPayload(payload, material), material.rootFingerprint)).resolves.toMatchObject(payload)
})

test.each([
  ['signature', 'the signature does not fit the payload and the key of coinslot development App Store signed data (worthless)'],
  ['data', 'the signature does not fit the payload and the key of coinslot development App Store signed data (worthless)'],
  [
    'key',
    'coinslot development foreign signed data authority (worthless) was issued by coinslot development foreign signed data root (worthless), which is not trusted',
  ],
] as const)('a transaction with tampered %s is refused, here and by Apple’s own library', async (tamper, detail) => {
  const signed = signPayload(payload, material, tamper)
  expect(firstFailure(verifySigned(signed, [root]).checks)?.detail).toBe(detail)
  await expect(verifier.verifyAndDecodeTransaction(signed)).rejects.toThrow()
})

test('a valid transaction passes every check', () => {
  const { ok, claims, checks } = verifySigned(signPayload(payload, material), [root])
  expect({ ok, claims }).toEqual({ ok: true, claims: payload })
  expect(checks.map(({ name, detail }) => [name, detail])).toEqual([
    ['parse', 'signed App Store data, a transaction'],
    ['signature', 'signed by coinslot development App Store signed data (worthless), ES256'],
    [
      'chain',
      'coinslot development App Store signed data (worthless) < coinslot development App Store signed data authority (worthless) < coinslot development App Store signed data root (worthless)',
    ],
  ])
})

const chain = readJws(signPayload(payload, material))
const x5c = (chain.ok ? chain.jws.header['x5c'] : []) as string[]
const receiptRoot = new X509Certificate(appStoreDevelopment().root).raw.toString('base64')

test.each([
  [{ alg: 'RS256', x5c }, 'the header has alg "RS256"; the App Store signs with ES256'],
  [{ alg: 'ES256' }, 'the header has no x5c, the chain of certificates'],
  [{ alg: 'ES256', x5c: x5c.slice(0, 2) }, 'the chain in x5c has 2 certificates; it has to have three'],
  [{ alg: 'ES256', x5c: ['AAAA', ...x5c.slice(1)] }, /^a certificate in x5c cannot be read: /],
  [{ alg: 'ES256', x5c: [7, {}, null] }, /^a certificate in x5c cannot be read: /],
  [{ alg: 'ES256', x5c: [x5c[1], x5c[1], x5c[2]] }, /lacks the extension 1\.2\.840\.113635\.100\.6\.11\.1$/],
  [{ alg: 'ES256', x5c: [x5c[0], x5c[0], x5c[2]] }, /lacks the extension 1\.2\.840\.113635\.100\.6\.2\.1$/],
] as const)('a header with another chain is refused: %#', (header, detail) => {
  const { ok, checks } = verifySigned(signJws(jwsPart(header), payload, material.own.key), [root])
  expect(ok).toBe(false)
  expect(checks.find(({ name }) => name === 'chain')?.detail).toEqual(typeof detail === 'string' ? detail : expect.stringMatching(detail))
})

test('the root in the chain counts for nothing, and without a trusted root nothing is valid', () => {
  const header = jwsPart({ alg: 'ES256', x5c: [x5c[0], x5c[1], receiptRoot] })
  expect(verifySigned(signJws(header, payload, material.own.key), [root]).ok).toBe(true)
  expect(verifySigned(signPayload(payload, material), []).ok).toBe(false)
})

test.each([
  ['', 'has 1 part in place of three with dots between'],
  ['a.b', 'has 2 parts in place of three with dots between'],
  ['a.b.c', 'has a header that is not Base64 of the URL alphabet without padding'],
  ['bm8.e30.AA', /^has a header that is not JSON/],
  ['W10.e30.AA', 'has a header that is JSON, but an array in place of an object'],
  ['e30.e30.', 'has a signature that is not Base64 of the URL alphabet without padding'],
  ['e30.e30.A+', 'has a signature that is not Base64 of the URL alphabet without padding'],
  ['x'.repeat(300_000), 'is 300000 characters long; at most 262144 are read'],
])('a string that is not a JWS says why: %.20s', (text, reason) => {
  const read = readJws(text)
  expect(read.ok).toBe(false)
  expect(read).toMatchObject({ reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) })
})
