import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { mintUnified } from '../../src/receipts/app-store/unified.js'
import { writeSignedData } from '../../src/receipts/app-store/write-signed-data.js'
import { aContext, attributeBytes, bundleId, element, material, openssl, outcomes, read } from './app-store-kit.js'

const items = [{ productId: 'gems.10', transactionId: '1000000123456789' }]

test('a minted unified receipt is believed and says what was asked for', () => {
  const minted = mintUnified({ bundleId, items, environment: 'ProductionSandbox', appVersion: '1.2' }, aContext())
  const { style, ok, claims } = read(minted.receipt, { bundleId, transactionId: '1000000123456789' })
  expect([style, ok, minted.transactionIds]).toEqual(['unified', true, ['1000000123456789']])
  expect(claims).toMatchObject({ receiptType: 'ProductionSandbox', environment: 'sandbox', bundleId, appVersion: '1.2' })
  expect(claims?.createdAt).toEqual({ text: '2026-01-31T10:00:00Z', ms: Date.UTC(2026, 0, 31, 10) })
})

test.each<[string, Buffer[], string]>([
  ['no receipt type', [], 'production'],
  ['an empty one', [attributeBytes(0, Buffer.alloc(0))], 'production'],
  ['Production', [attributeBytes(0, utf8('Production'))], 'production'],
  ['ProductionSandbox', [attributeBytes(0, utf8('ProductionSandbox'))], 'sandbox'],
  ['ProductionVPP, as the vendor’s decoder has it', [attributeBytes(0, utf8('ProductionVPP'))], 'sandbox'],
])('a receipt with %s is from that environment', (_, types, environment) => {
  const content = element(0x31, ...types, attributeBytes(2, utf8(bundleId)))
  const receipt = writeSignedData(content, material.unified, { digest: 'sha256' }).toString('base64')
  expect(read(receipt, { bundleId })).toMatchObject({ ok: true, claims: { environment } })
})

function utf8(text: string): Buffer {
  return element(0x0c, Buffer.from(text))
}

test('every field of a purchase comes back as it was wished', () => {
  const wish = {
    productId: 'monthly',
    transactionId: '2',
    originalTransactionId: '1',
    quantity: 3,
    purchaseDate: '2026-02-01T00:00:00Z',
    originalPurchaseDate: '2026-01-01',
    expiresDate: Date.UTC(2026, 2, 1),
    cancellationDate: '2026-02-02T01:00:00+01:00',
    type: 'auto-renewable' as const,
    trial: true,
    introOffer: true,
  }
  const [item] = read(mintUnified({ bundleId, items: [wish] }, aContext()).receipt).claims!.items
  expect(item).toMatchObject({
    productId: 'monthly',
    transactionId: '2',
    originalTransactionId: '1',
    quantity: 3,
    type: 3,
    isTrial: true,
    isIntroOffer: true,
  })
  const dates = [item?.purchaseDate, item?.originalPurchaseDate, item?.expiresDate, item?.cancellationDate].map((date) => date?.text)
  expect(dates).toEqual(['2026-02-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z', '2026-02-02T00:00:00Z'])
  expect(item?.webOrderLineItemId).toMatch(/^10000000\d{8}$/)
})

test('a consumable has no end, no cancellation and no web order', () => {
  const [item] = read(mintUnified({ bundleId, items }, aContext()).receipt).claims!.items
  expect(item).toMatchObject({ type: 1, quantity: 1, webOrderLineItemId: '0', isTrial: false })
  expect([item?.expiresDate, item?.cancellationDate]).toEqual([undefined, undefined])
})

test('a subscription without an end runs for a calendar month, cut at the end of a short one', () => {
  const [item] = read(
    mintUnified({ bundleId, items: [{ productId: 'm', type: 'auto-renewable' }] }, aContext('2026-01-31T10:00:00Z')).receipt,
  ).claims!.items
  expect(item?.expiresDate?.text).toBe('2026-02-28T10:00:00Z')
})

test('minting is repeatable where randomness is', () => {
  const wish = { bundleId, items: [{ productId: 'gems.10' }, { productId: 'gems.20' }] }
  const first = mintUnified(wish, aContext())
  expect(mintUnified(wish, aContext())).toEqual(first)
  expect(new Set(first.transactionIds).size).toBe(2)
})

test.each([
  ['signature', [true, false, true]],
  ['data', [true, false, true]],
  ['key', [true, true, false]],
] as const)('a receipt with a tampered %s is refused by exactly one check', (tamper, expected) => {
  const { receipt } = mintUnified({ bundleId, items, tamper }, aContext())
  const { ok, checks } = read(receipt, { bundleId, transactionId: '1000000123456789' })
  expect(ok).toBe(false)
  expect(outcomes(checks, 'parse', 'signature', 'chain')).toEqual(expected)
  expect(outcomes(checks, 'app', 'transaction')).toEqual([true, true])
})

test('a receipt of another game fails the app check and names both bundle ids', () => {
  const { checks, ok } = read(mintUnified({ bundleId, items }, aContext()).receipt, { bundleId: 'com.example.other' })
  expect(ok).toBe(false)
  expect(checks.at(-1)).toEqual({ name: 'app', ok: false, detail: 'bundle id com.example.game, expected com.example.other' })
})

test('a receipt without the expected transaction says which ones it holds', () => {
  const many = Array.from({ length: 5 }, (_, index) => ({ productId: 'gems', transactionId: `t${index}` }))
  const { checks } = read(mintUnified({ bundleId, items: many }, aContext()).receipt, { transactionId: 'missing' })
  expect(checks.at(-1)).toMatchObject({
    name: 'transaction',
    ok: false,
    detail: 'does not hold transaction missing; it holds t0, t1, t2 and 2 more',
  })
})

test('one changed byte anywhere in content or signature is noticed', () => {
  const bytes = Buffer.from(mintUnified({ bundleId, items }, aContext()).receipt, 'base64')
  const product = bytes.indexOf('gems.10')
  for (const at of [product, product + 6, bytes.length - 1, bytes.length - 128, bytes.length - 256]) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 0x01
    const { checks } = read(changed.toString('base64'))
    expect([at, ...outcomes(checks, 'parse', 'signature')]).toEqual([at, true, false])
  }
})

test('one changed byte in an embedded certificate breaks the chain', () => {
  const bytes = Buffer.from(mintUnified({ bundleId, items }, aContext()).receipt, 'base64')
  const authority = new X509Certificate(material.unified.issuers[0]!).raw
  bytes[bytes.indexOf(authority) + authority.length - 10]! ^= 0x01
  const { checks } = read(bytes.toString('base64'))
  expect(outcomes(checks, 'parse', 'signature', 'chain')).toEqual([true, true, false])
})

test.each([undefined, 'sha1', 'sha256'] as const)('openssl believes a minted receipt up to the published root (digest %s)', (digest) => {
  const receipt = Buffer.from(mintUnified({ bundleId, items, digest }, aContext()).receipt, 'base64')
  const { status, stdout } = openssl(
    { receipt, root: material.root },
    'cms',
    '-verify',
    '-binary',
    '-inform',
    'DER',
    '-in',
    '@receipt',
    '-CAfile',
    '@root',
  )
  expect(status).toBe(0)
  expect(stdout.includes('gems.10')).toBe(true)
})

test('openssl accepts the signature of a receipt with an untrusted issuer, but not its chain', () => {
  const receipt = Buffer.from(mintUnified({ bundleId, items, tamper: 'key' }, aContext()).receipt, 'base64')
  const verify = ['cms', '-verify', '-binary', '-inform', 'DER', '-in', '@receipt']
  expect(openssl({ receipt }, ...verify, '-noverify').status).toBe(0)
  expect(openssl({ receipt, root: material.root }, ...verify, '-CAfile', '@root').status).not.toBe(0)
})

test.each(['signature', 'data'] as const)('openssl refuses a receipt with tampered %s as well', (tamper) => {
  const receipt = Buffer.from(mintUnified({ bundleId, items, tamper }, aContext()).receipt, 'base64')
  expect(openssl({ receipt }, 'cms', '-verify', '-binary', '-inform', 'DER', '-in', '@receipt', '-noverify').status).not.toBe(0)
})

test('a receipt of Xcode has indefinite lengths, a valid signature and an untrusted chain', () => {
  const { receipt } = mintUnified(
    { bundleId, items: Array.from({ length: 9 }, () => ({ productId: 'gems.10' })), environment: 'Xcode' },
    aContext(),
  )
  const bytes = Buffer.from(receipt, 'base64')
  expect(bytes.subarray(0, 2)).toEqual(Buffer.from([0x30, 0x80]))
  const { claims, checks } = read(receipt)
  expect([claims?.environment, claims?.receiptType, claims?.items.length]).toEqual(['sandbox', 'Xcode', 9])
  expect(outcomes(checks, 'parse', 'signature', 'chain')).toEqual([true, true, false])
  expect(openssl({ receipt: bytes }, 'cms', '-verify', '-binary', '-inform', 'DER', '-in', '@receipt', '-noverify').status).toBe(0)
})

test('a receipt with 187 purchases is read, each in its place', () => {
  const many = Array.from({ length: 187 }, (_, index) => ({
    productId: `p${index}`,
    transactionId: `t${index}`,
    type: 'auto-renewable' as const,
  }))
  const { ok, claims } = read(mintUnified({ bundleId, items: many }, aContext()).receipt, { bundleId, transactionId: 't186' })
  expect(ok).toBe(true)
  expect(claims?.items.map((item) => item.productId)).toEqual(many.map((item) => item.productId))
})

test('a receipt without purchases is believed', () => {
  const { ok, claims } = read(mintUnified({ bundleId, items: [] }, aContext()).receipt, { bundleId })
  expect([ok, claims?.items]).toEqual([true, []])
})
