import { createHash, X509Certificate, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { issueCertificate } from '../../src/pki/certificate.js'
import type { AppStoreSigner } from '../../src/receipts/app-store/development.js'
import { readAppStoreReceipt } from '../../src/receipts/app-store/read.js'
import {
  appleRootFingerprint,
  builtInTrust,
  developerRelationsKey,
  itunesStoreKey,
  prepareTrust,
  type AppStoreTrust,
} from '../../src/receipts/app-store/trust.js'
import { mintUnified } from '../../src/receipts/app-store/unified.js'
import type { Check } from '../../src/receipts/verdict.js'
import { aContext, bundleId, material, trust } from './app-store-kit.js'

// Generating keys takes time and is not what is tested: the published ones serve as keys of another authority.
const [rootKey, middleKey, lowerKey, leafKey] = [material.xcode, material.unified, material.transaction[3], material.foreign.unified].map(
  ({ key }) => key,
)
const expired = { notBefore: new Date('2001-01-01T00:00:00Z'), notAfter: new Date('2002-01-01T00:00:00Z') }

function issue(
  commonName: string,
  publicKey: KeyObject,
  by: { privateKey: KeyObject; certificate?: string },
  authority?: { pathLength?: number },
) {
  return issueCertificate({ subject: { commonName }, publicKey, serial: Buffer.from([7]), ...expired, authority }, by)
}

const root = issue('root', rootKey!, { privateKey: rootKey! }, {})
const middle = issue('middle', middleKey!, { privateKey: rootKey!, certificate: root }, {})
const leaf = issue('leaf', leafKey!, { privateKey: middleKey!, certificate: middle })

function chainOf(signer: AppStoreSigner, against: AppStoreTrust): Check | undefined {
  const { receipt } = mintUnified({ bundleId, items: [] }, { ...aContext(), material: { ...material, unified: signer } })
  const { checks } = readAppStoreReceipt(receipt, { trust: prepareTrust(against) })
  expect(checks.find(({ name }) => name === 'signature')?.ok).toBe(true)
  return checks.find(({ name }) => name === 'chain')
}

test('a chain to a root of one’s own holds, though every certificate in it has expired', () => {
  const chain = chainOf({ key: leafKey!, certificate: leaf, issuers: [middle, root] }, { roots: [root] })
  expect(chain).toEqual({ name: 'chain', ok: true, detail: 'leaf < middle < root' })
})

test('the root itself need not be in the receipt, nor certificates be in order', () => {
  expect(chainOf({ key: leafKey!, certificate: leaf, issuers: [middle] }, { roots: [root] })?.ok).toBe(true)
  expect(chainOf({ key: leafKey!, certificate: leaf, issuers: [root, material.root, middle] }, { roots: [root] })?.ok).toBe(true)
})

test('a chain that lacks its middle ends with the leaf', () => {
  const chain = chainOf({ key: leafKey!, certificate: leaf, issuers: [root] }, { roots: [root] })
  expect(chain).toEqual({
    name: 'chain',
    ok: false,
    detail:
      'the issuer is not known: no certificate of middle that signed leaf is in the receipt or trusted; add the missing certificate to the roots of the app',
  })
})

test('a root is found by its fingerprint when the receipt brings it along', () => {
  const { fingerprint256 } = new X509Certificate(root)
  const signer = { key: leafKey!, certificate: leaf, issuers: [middle, root] }
  expect(chainOf(signer, { roots: [], fingerprints: [fingerprint256] })?.ok).toBe(true)
  expect(chainOf(signer, { roots: [], fingerprints: [fingerprint256.replaceAll(':', '').toLowerCase()] })?.ok).toBe(true)
  expect(chainOf({ ...signer, issuers: [middle] }, { roots: [], fingerprints: [fingerprint256] })?.ok).toBe(false)
})

test('a self-signed signer is believed once it is trusted itself', () => {
  expect(chainOf(material.xcode, { roots: [material.xcode.certificate] })?.ok).toBe(true)
})

test('a certificate that is not an authority cannot issue a trusted certificate', () => {
  const posing = issue('posing', lowerKey!, { privateKey: middleKey!, certificate: middle })
  const forged = issue('forged', leafKey!, { privateKey: lowerKey!, certificate: posing })
  const chain = chainOf({ key: leafKey!, certificate: forged, issuers: [posing, middle, root] }, { roots: [root] })
  expect(chain?.ok).toBe(false)
})

test('a path length is kept to', () => {
  const narrow = issue('narrow', middleKey!, { privateKey: rootKey!, certificate: root }, { pathLength: 0 })
  const lower = issue('lower', lowerKey!, { privateKey: middleKey!, certificate: narrow }, {})
  const below = issue('below', leafKey!, { privateKey: lowerKey!, certificate: lower })
  const direct = issue('direct', leafKey!, { privateKey: middleKey!, certificate: narrow })
  expect(chainOf({ key: leafKey!, certificate: below, issuers: [lower, narrow] }, { roots: [root] })?.ok).toBe(false)
  expect(chainOf({ key: leafKey!, certificate: direct, issuers: [narrow] }, { roots: [root] })?.ok).toBe(true)
})

test('an authority of the same name with another key does not help', () => {
  const twin = issue('middle', lowerKey!, { privateKey: rootKey!, certificate: root }, {})
  expect(chainOf({ key: leafKey!, certificate: leaf, issuers: [twin] }, { roots: [root] })?.ok).toBe(false)
  expect(chainOf({ key: leafKey!, certificate: leaf, issuers: [twin, middle] }, { roots: [root] })?.ok).toBe(true)
})

test('two authorities that issued each other lead nowhere and end', () => {
  const one = issue('one', middleKey!, { privateKey: lowerKey!, certificate: issue('two', lowerKey!, { privateKey: lowerKey! }, {}) }, {})
  const two = issue('two', lowerKey!, { privateKey: middleKey!, certificate: one }, {})
  const signer = { key: leafKey!, certificate: issue('leaf', leafKey!, { privateKey: middleKey!, certificate: one }), issuers: [one, two] }
  expect(chainOf(signer, { roots: [root] })?.ok).toBe(false)
})

test('without anything to trust the chain is left open and the receipt is not believed', () => {
  const { receipt } = mintUnified({ bundleId, items: [] }, aContext())
  const { ok, checks } = readAppStoreReceipt(receipt, { trust: prepareTrust({ roots: [] }) })
  expect(ok).toBe(false)
  expect(checks.at(-1)).toEqual({ name: 'chain', ok: null, detail: 'nothing is trusted' })
})

test('a root that cannot be read is named where it matters and hurts nothing else', () => {
  const spoiled = prepareTrust({ roots: ['junk', material.root], keys: ['junk'] })
  const { receipt } = mintUnified({ bundleId, items: [], tamper: 'key' }, aContext())
  const chain = readAppStoreReceipt(receipt, { trust: spoiled }).checks.at(-1)
  expect(spoiled.unusable).toEqual(['root 1 holds no PEM certificate', 'key 1 is no SubjectPublicKeyInfo'])
  expect(chain?.detail).toContain('root 1 holds no PEM certificate')
  expect(readAppStoreReceipt(mintUnified({ bundleId, items: [] }, aContext()).receipt, { trust: spoiled }).ok).toBe(true)
})

test('built-in trust knows Apple by fingerprint and key, and the sandbox by its root', () => {
  expect(builtInTrust(material.root)).toEqual({
    roots: [material.root],
    fingerprints: [appleRootFingerprint],
    keys: [itunesStoreKey, developerRelationsKey],
  })
  expect(trust.unusable).toEqual([])
  expect([trust.roots.length, trust.keys.length, trust.fingerprints.size]).toEqual([1, 2, 2])
})

test.each([
  ['the iTunes Store authority', itunesStoreKey, '96a4d98c6fe08462f2abd7e488054e6b1dfdc71a6dcb16aca58232dd1195d632'],
  ['Apple Worldwide Developer Relations', developerRelationsKey, '02233ddaad63ae72154b9000d86245f922555909c89ec76073c4fd81304dd19f'],
])('the key of %s has the published fingerprint', (_, key, fingerprint) => {
  expect(createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex')).toBe(fingerprint)
})
