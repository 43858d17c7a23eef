import { createPrivateKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseSignedData } from '../../src/receipts/app-store/signed-data.js'
import { mintUnified } from '../../src/receipts/app-store/unified.js'
import { aContext, attributeBytes, bundleId, element, material, openssl, outcomes, read } from './app-store-kit.js'

const items = Array.from({ length: 20 }, (_, index) => ({ productId: `gems.${index}`, transactionId: `t${index}` }))

function contentOf(receipt: string): Buffer {
  return Buffer.from(parseSignedData(Buffer.from(receipt, 'base64')).content, 'latin1')
}

const utf8 = (value: string) => element(0x0c, Buffer.from(value))
const date = (value: string) => element(0x16, Buffer.from(value))

/** Content signed by openssl with the development signer, in whatever way its options say. */
function signedByOpenSsl(content: Buffer, ...options: string[]): Buffer {
  const { certificate, key, issuers } = material.unified
  const files = { content, certificate, key: key.export({ type: 'pkcs8', format: 'pem' }), issuers: issuers.join('') }
  const args = ['cms', '-sign', '-binary', '-nodetach', '-in', '@content', '-outform', 'DER']
  const { status, stdout, stderr } = openssl(
    files,
    ...args,
    '-signer',
    '@certificate',
    '-inkey',
    '@key',
    '-certfile',
    '@issuers',
    ...options,
  )
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

test.each([
  ['without signed attributes', ['-noattr', '-md', 'sha256']],
  ['with SHA-1', ['-noattr', '-md', 'sha1']],
  ['with signed attributes', ['-md', 'sha256']],
  ['with signed attributes and SHA-1', ['-md', 'sha1']],
  ['with SHA-512', ['-md', 'sha512']],
  ['with a signer named by key identifier', ['-keyid', '-noattr', '-md', 'sha256']],
  ['with indefinite lengths', ['-stream', '-noattr', '-md', 'sha256']],
  ['with indefinite lengths and signed attributes', ['-stream', '-md', 'sha256']],
] as const)('a receipt signed by openssl %s is believed', (_, options) => {
  const { receipt } = mintUnified({ bundleId, items }, aContext())
  const bytes = signedByOpenSsl(contentOf(receipt), ...options)
  const { ok, claims, checks } = read(bytes.toString('base64'), { bundleId, transactionId: 't19' })
  expect(checks.filter((check) => check.ok !== true)).toEqual([])
  expect([ok, claims?.items.length]).toEqual([true, 20])
})

test('indefinite lengths are what openssl -stream writes', () => {
  expect(signedByOpenSsl(Buffer.from('3100', 'hex'), '-stream', '-noattr').subarray(0, 2)).toEqual(Buffer.from([0x30, 0x80]))
})

test('content changed under signed attributes is noticed', () => {
  const bytes = signedByOpenSsl(contentOf(mintUnified({ bundleId, items }, aContext()).receipt), '-md', 'sha256')
  bytes[bytes.indexOf('gems.7')]! ^= 0x01
  const check = read(bytes.toString('base64')).checks.find(({ name }) => name === 'signature')
  expect(check).toEqual({ name: 'signature', ok: false, detail: 'the signed digest is not that of the content' })
})

test('a changed signed attribute is noticed', () => {
  const bytes = signedByOpenSsl(contentOf(mintUnified({ bundleId, items }, aContext()).receipt), '-md', 'sha256')
  const signingTime = bytes.indexOf(Buffer.from('06092a864886f70d010905', 'hex'))
  bytes[signingTime + 18]! ^= 0x01
  expect(outcomes(read(bytes.toString('base64')).checks, 'parse', 'signature', 'chain')).toEqual([true, false, true])
})

test('a signer whose certificate is left out cannot be checked', () => {
  const bytes = signedByOpenSsl(contentOf(mintUnified({ bundleId, items }, aContext()).receipt), '-nocerts', '-noattr')
  const { ok, checks } = read(bytes.toString('base64'))
  expect([ok, ...outcomes(checks, 'parse', 'signature', 'chain')]).toEqual([false, true, false, null])
})

test('a digest that is no longer trusted is refused by name', () => {
  const bytes = signedByOpenSsl(contentOf(mintUnified({ bundleId, items }, aContext()).receipt), '-noattr', '-md', 'md5')
  expect(read(bytes.toString('base64')).checks[1]).toMatchObject({
    name: 'signature',
    ok: false,
    detail: 'digest algorithm 1.2.840.113549.2.5 is not accepted',
  })
})

test('attributes may come in any order and unknown ones are passed over', () => {
  const record = element(
    0x31,
    attributeBytes(1703, utf8('t1')),
    attributeBytes(1799, Buffer.from('not ASN.1')),
    attributeBytes(1702, utf8('gems')),
  )
  const content = element(
    0x31,
    attributeBytes(17, record),
    attributeBytes(6, Buffer.from([0xff, 0xff])),
    attributeBytes(2, utf8('b')),
    attributeBytes(0, utf8('Production')),
  )
  const { ok, claims } = read(signedByOpenSsl(content, '-noattr', '-md', 'sha256').toString('base64'))
  expect(ok).toBe(true)
  expect(claims).toEqual({
    style: 'unified',
    environment: 'production',
    receiptType: 'Production',
    bundleId: 'b',
    items: [{ productId: 'gems', transactionId: 't1' }],
  })
})

test('dates with an offset keep their text and tell the right moment', () => {
  const content = element(
    0x31,
    attributeBytes(12, date('2020-09-01T16:58:49+0100')),
    attributeBytes(21, date('')),
    attributeBytes(18, date('soon')),
  )
  const { claims } = read(signedByOpenSsl(content, '-noattr').toString('base64'))
  expect(claims?.createdAt).toEqual({ text: '2020-09-01T16:58:49+0100', ms: Date.UTC(2020, 8, 1, 15, 58, 49) })
  expect(claims?.originalPurchaseDate).toEqual({ text: 'soon', ms: null })
  expect(claims?.expiresAt).toBeUndefined()
})

test.each([
  [
    'a wrong tag',
    attributeBytes(2, element(0x02, Buffer.from([1]))),
    /attribute 2 \(bundleId\) of the receipt is INTEGER in place of text/,
  ],
  [
    'a huge number',
    attributeBytes(17, element(0x31, attributeBytes(1701, element(0x02, Buffer.alloc(5000, 0x7f))))),
    /in-app record 1 is an INTEGER of 5000 bytes/,
  ],
  [
    'a negative quantity',
    attributeBytes(17, element(0x31, attributeBytes(1701, element(0x02, Buffer.from([0xff]))))),
    /quantity\) of in-app record 1 is -1/,
  ],
  ['a record that is no set', attributeBytes(17, element(0x30)), /in-app record 1 is SEQUENCE in place of a SET/],
  ['an attribute without value', element(0x30, element(0x02, Buffer.from([2]))), /missing in place of an OCTET STRING/],
  ['an invalid attribute', element(0x05), /an attribute of the receipt is not constructed/],
] as const)('content with %s fails to parse and says where', (_, attribute, detail) => {
  const { ok, checks } = read(signedByOpenSsl(element(0x31, attribute), '-noattr').toString('base64'))
  expect([ok, checks.length]).toEqual([false, 1])
  expect(checks[0]?.detail).toMatch(detail)
})

test('a receipt inside a receipt is not what a receipt may hold', () => {
  const inner = Buffer.from(mintUnified({ bundleId, items }, aContext()).receipt, 'base64')
  expect(read(signedByOpenSsl(inner, '-noattr').toString('base64')).checks[0]?.detail).toBe(
    'the receipt is SEQUENCE in place of a SET of attributes',
  )
  const record = signedByOpenSsl(element(0x31, attributeBytes(17, inner)), '-noattr')
  expect(read(record.toString('base64')).checks[0]?.detail).toBe('in-app record 1 is SEQUENCE in place of a SET of attributes')
})

test('more records than any game has are refused', () => {
  const record = attributeBytes(17, element(0x31))
  const content = element(0x31, ...Array.from({ length: 10_001 }, () => record))
  expect(read(signedByOpenSsl(content, '-noattr').toString('base64')).checks[0]?.detail).toBe(
    '10001 in-app records, at most 10000 are read',
  )
})

test('the published keys are those of the published certificates', () => {
  const { root, unified, transaction, foreign, xcode } = material
  for (const { key, certificate } of [unified, transaction[2], transaction[3], foreign.unified, foreign.transaction[2], xcode]) {
    const text = openssl({ certificate }, 'x509', '-in', '@certificate', '-noout', '-subject').stdout.toString()
    expect(text).toContain('worthless')
    expect(openssl({ certificate }, 'x509', '-in', '@certificate', '-noout', '-pubkey').stdout.toString()).toBe(publicPem(key))
  }
  expect(openssl({ root }, 'x509', '-in', '@root', '-noout', '-subject').stdout.toString()).toContain('worthless')
})

function publicPem(key: ReturnType<typeof createPrivateKey>): string {
  return openssl({ key: key.export({ type: 'pkcs8', format: 'pem' }) }, 'pkey', '-in', '@key', '-pubout').stdout.toString()
}
