import { createPublicKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { readPropertyList, writePropertyList } from '../../src/receipts/app-store/property-list.js'
import { readAppStoreReceipt } from '../../src/receipts/app-store/read.js'
import { mintTransaction } from '../../src/receipts/app-store/transaction.js'
import { prepareTrust } from '../../src/receipts/app-store/trust.js'
import { aContext, bundleId, material, openssl, outcomes, read } from './app-store-kit.js'

const item = { productId: 'gems.10', transactionId: '1000000123456789' }
const versions = [2, 3] as const

function listIn(base64: string): Map<string, string> {
  return readPropertyList(Buffer.from(base64, 'base64').toString())
}

function withEntry(receipt: string, name: string, value: string | undefined): string {
  const list = listIn(receipt)
  if (value === undefined) list.delete(name)
  else list.set(name, value)
  return Buffer.from(writePropertyList(list)).toString('base64')
}

test.each(versions)('a minted transaction receipt of blob version %i is believed', (version) => {
  const { receipt, transactionIds } = mintTransaction({ bundleId, item, version }, aContext())
  const { style, ok, claims } = read(receipt, { bundleId, transactionId: '1000000123456789' })
  expect([style, ok, transactionIds]).toEqual(['transaction', true, ['1000000123456789']])
  expect(claims).toMatchObject({ environment: 'production', bundleId, items: [{ productId: 'gems.10', quantity: 1 }] })
})

test('every field of a subscription comes back from a transaction receipt', () => {
  const wish = {
    ...item,
    originalTransactionId: '1',
    type: 3,
    trial: true,
    introOffer: true,
    quantity: 2,
    purchaseDate: '2026-07-01T12:00:00Z',
  }
  const { claims } = read(
    mintTransaction({ bundleId, item: { ...wish, cancellationDate: '2026-07-02' }, appVersion: '7' }, aContext()).receipt,
  )
  expect(claims).toMatchObject({ appVersion: '7', receiptType: undefined })
  expect(claims?.items[0]).toMatchObject({ originalTransactionId: '1', quantity: 2, isTrial: true, isIntroOffer: true })
  expect(claims?.items[0]?.purchaseDate).toEqual({ text: '2026-07-01 12:00:00 Etc/GMT', ms: Date.UTC(2026, 6, 1, 12) })
  expect(claims?.items[0]?.expiresDate).toEqual({ text: '2026-08-01 12:00:00 Etc/GMT', ms: Date.UTC(2026, 7, 1, 12) })
  expect(claims?.items[0]?.cancellationDate?.ms).toBe(Date.UTC(2026, 6, 2))
})

test('a transaction receipt tells dates in the time of Los Angeles as well', () => {
  const { receipt } = mintTransaction({ bundleId, item: { ...item, purchaseDate: '2026-07-01T12:00:00Z' } }, aContext())
  expect(listIn(listIn(receipt).get('purchase-info')!).get('purchase-date-pst')).toBe('2026-07-01 05:00:00 America/Los_Angeles')
})

test('a receipt without environment is from production, any other word is the sandbox', () => {
  const { receipt } = mintTransaction({ bundleId, item, environment: 'ProductionSandbox' }, aContext())
  const seen = [
    receipt,
    withEntry(receipt, 'environment', undefined),
    withEntry(receipt, 'environment', 'Production'),
    withEntry(receipt, 'environment', 'Elsewhere'),
  ]
  expect(seen.map((text) => read(text).claims?.environment)).toEqual(['sandbox', 'production', 'production', 'sandbox'])
})

test('the environment is not covered by the signature, so that changing it goes unnoticed', () => {
  const { receipt } = mintTransaction({ bundleId, item, environment: 'ProductionSandbox' }, aContext())
  expect(read(withEntry(receipt, 'environment', undefined)).ok).toBe(true)
})

test.each(versions.flatMap((version) => (['signature', 'data', 'key'] as const).map((tamper) => [tamper, version] as const)))(
  'a transaction receipt with a tampered %s, blob version %i, is refused by exactly one check',
  (tamper, version) => {
    const { ok, checks } = read(mintTransaction({ bundleId, item, version, tamper }, aContext()).receipt, { bundleId })
    expect(ok).toBe(false)
    expect(outcomes(checks, 'parse', 'signature', 'chain', 'app')).toEqual([true, tamper === 'key', tamper !== 'key', true])
  },
)

test('one changed byte of the purchase is noticed', () => {
  const { receipt } = mintTransaction({ bundleId, item }, aContext())
  const info = Buffer.from(listIn(receipt).get('purchase-info')!, 'base64')
  info[info.indexOf('gems.10') + 5]! ^= 0x01
  const { checks } = read(withEntry(receipt, 'purchase-info', info.toString('base64')))
  expect(outcomes(checks, 'parse', 'signature')).toEqual([true, false])
})

test('the version byte is part of what is signed', () => {
  const { receipt } = mintTransaction({ bundleId, item, version: 3 }, aContext())
  const blob = Buffer.from(listIn(receipt).get('signature')!, 'base64')
  blob[0] = 2
  expect(read(withEntry(receipt, 'signature', blob.toString('base64'))).ok).toBe(false)
})

test('a transaction receipt of another game or with another transaction is refused', () => {
  const { receipt } = mintTransaction({ bundleId, item }, aContext())
  const { ok, checks } = read(receipt, { bundleId: 'com.example.other', transactionId: '5' })
  expect(ok).toBe(false)
  expect(outcomes(checks, 'signature', 'app', 'transaction')).toEqual([true, false, false])
})

test('the key of an authority is enough to trust it', () => {
  const key = new X509Certificate(material.root).publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const { receipt } = mintTransaction({ bundleId, item }, aContext())
  expect(readAppStoreReceipt(receipt, { trust: prepareTrust({ roots: [], keys: [key] }) }).ok).toBe(true)
})

test.each(versions)('without its authority a receipt of blob version %i is not called forged: its issuer is not known', (version) => {
  const key = new X509Certificate(material.foreign.unified.issuers[0]!).publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const { receipt } = mintTransaction({ bundleId, item, version }, aContext())
  const { ok, checks } = readAppStoreReceipt(receipt, { trust: prepareTrust({ roots: [], keys: [key] }) })
  expect([ok, ...outcomes(checks, 'signature', 'chain')]).toEqual([false, true, false])
  expect(checks.at(-1)?.detail).toMatch(/^the issuer is not known: no certificate of coinslot.* root/)
})

test.each(versions)('blob version %i with the number of the other version is refused, also if its issuer is trusted', (version) => {
  const key = new X509Certificate(material.root).publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const { receipt } = mintTransaction({ bundleId, item, version }, aContext())
  const blob = Buffer.from(listIn(receipt).get('signature')!, 'base64')
  blob[0] = 5 - version
  const altered = withEntry(receipt, 'signature', blob.toString('base64'))
  expect(readAppStoreReceipt(altered, { trust: prepareTrust({ roots: [], keys: [key] }) }).ok).toBe(false)
})

test('the original transaction id in place of that of the renewal is named, with the right one', () => {
  const { receipt } = mintTransaction({ bundleId, item: { ...item, originalTransactionId: '7' } }, aContext())
  expect(read(receipt, { transactionId: '7' }).checks.at(-1)?.detail).toBe(
    'does not hold transaction 7; it holds 1000000123456789; 7 is the original transaction id of 1000000123456789: report the transaction id of the renewal itself',
  )
})

test.each(versions)('openssl believes the signature of blob version %i over version byte and purchase', (version) => {
  const list = listIn(mintTransaction({ bundleId, item, version }, aContext()).receipt)
  const blob = Buffer.from(list.get('signature')!, 'base64')
  const length = version === 2 ? 128 : 256
  const leaf = new X509Certificate(blob.subarray(1 + length + 4))
  const files = {
    key: createPublicKey(leaf.toString()).export({ type: 'spki', format: 'pem' }),
    signature: blob.subarray(1, 1 + length),
    data: Buffer.concat([blob.subarray(0, 1), Buffer.from(list.get('purchase-info')!, 'base64')]),
  }
  expect(openssl(files, 'dgst', '-sha1', '-verify', '@key', '-signature', '@signature', '@data').stdout.toString()).toBe('Verified OK\n')
  expect(openssl({ root: material.root, leaf: leaf.toString() }, 'verify', '-CAfile', '@root', '@leaf').status).toBe(0)
})

test.each([
  ['no signature', (receipt: string) => withEntry(receipt, 'signature', undefined), /no signature/],
  ['no purchase', (receipt: string) => withEntry(receipt, 'purchase-info', undefined), /no purchase-info/],
  ['a signature that is no Base64', (receipt: string) => withEntry(receipt, 'signature', '***'), /not Base64/],
  ['a blob of an unknown version', (receipt: string) => withEntry(receipt, 'signature', 'CQkJ'), /version 9/],
  ['a blob that is cut', (receipt: string) => withEntry(receipt, 'signature', 'AwMD'), /ends after 3 bytes/],
  ['a purchase that is no list', (receipt: string) => withEntry(receipt, 'purchase-info', 'AwMD'), /property list has/],
] as const)('a transaction receipt with %s fails to parse and says why', (_, spoil, detail) => {
  const { ok, checks, style } = read(spoil(mintTransaction({ bundleId, item }, aContext()).receipt))
  expect([style, ok, checks.length]).toEqual(['transaction', false, 1])
  expect(checks[0]?.detail).toMatch(detail)
})

test('a blob whose certificate length is wrong fails to parse', () => {
  const { receipt } = mintTransaction({ bundleId, item }, aContext())
  const blob = Buffer.from(listIn(receipt).get('signature')!, 'base64')
  blob.writeUInt32BE(0xffffffff, 257)
  expect(read(withEntry(receipt, 'signature', blob.toString('base64'))).checks[0]?.detail).toMatch(/4294967295 bytes and holds/)
})

test('a property list may have bare words, escapes and any white space', () => {
  expect(readPropertyList('{a=b;\r\n\t"c d" = "e\\"f\\\\g\\nh" ;}\n')).toEqual(
    new Map([
      ['a', 'b'],
      ['c d', 'e"f\\g\nh'],
    ]),
  )
})

test('what is written as a property list is read again', () => {
  const entries = [
    ['a', '"quoted" \\ and back'],
    ['b', ''],
    ['c', 'ü\n{};='],
  ] as const
  expect([...readPropertyList(writePropertyList(entries))]).toEqual(entries)
})
