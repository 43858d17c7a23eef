import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { issueCertificate, type CertificateRequest } from '../../src/pki/certificate.js'
import { certificatesInPem } from '../../src/pki/parsed-certificate.js'
import { material, openssl } from '../receipts/app-store-kit.js'

// Generating keys takes time and is not what is tested: the published ones serve.
const rootKey = material.unified.key
const authorityKey = material.foreign.unified.key
const leafKey = material.transaction[3].key
const life = { notBefore: new Date('2025-01-01T00:00:00Z'), notAfter: new Date('2075-12-31T23:59:59Z') }

function aRoot(change: Partial<CertificateRequest> = {}): string {
  const subject = { commonName: 'Wurzel für Tests', organization: 'coinslot' }
  return issueCertificate(
    { subject, publicKey: rootKey, serial: Buffer.from([1]), ...life, authority: {}, ...change },
    { privateKey: rootKey },
  )
}

function anAuthority(root: string, change: Partial<CertificateRequest> = {}): string {
  const subject = { commonName: 'Authority' }
  const request = { subject, publicKey: authorityKey, serial: Buffer.alloc(20, 0xff), ...life, authority: { pathLength: 0 }, ...change }
  return issueCertificate(request, { privateKey: rootKey, certificate: root })
}

function aLeaf(authority: string, names: string[]): string {
  const request = { subject: { commonName: 'Leaf' }, publicKey: leafKey, serial: Buffer.from([0x80, 2]), ...life, names, serverAuth: true }
  return issueCertificate(request, { privateKey: authorityKey, certificate: authority })
}

function verify(root: string, authority: string, leaf: string) {
  const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', '@root', '-untrusted', '@authority', '@leaf']
  return openssl({ root, authority, leaf }, ...args)
}

const constrained = (nameConstraints: object) => () => aRoot({ authority: { nameConstraints } })

test('openssl believes a leaf through its authority to its root, strictly', () => {
  const root = aRoot()
  const authority = anAuthority(root)
  expect(verify(root, authority, aLeaf(authority, ['a.test', '*.a.test', '127.0.0.1', '::1']))).toMatchObject({ status: 0 })
})

test('openssl refuses a leaf whose issuer is no authority', () => {
  const root = aRoot()
  const authority = anAuthority(root, { authority: undefined })
  expect(verify(root, authority, aLeaf(authority, ['a.test'])).stderr).toMatch(/invalid CA certificate/)
})

test('node finds the names and addresses a leaf was issued for, and no others', () => {
  const leaf = new X509Certificate(aLeaf(anAuthority(aRoot()), ['a.test', '*.b.test', '127.0.0.1', '::1', '2001:db8::5']))
  expect(['a.test', 'x.b.test', 'x.a.test', 'b.test'].map((name) => leaf.checkHost(name) !== undefined)).toEqual([true, true, false, false])
  expect(['127.0.0.1', '::1', '2001:db8::5', '127.0.0.2'].map((ip) => leaf.checkIP(ip) !== undefined)).toEqual([true, true, true, false])
})

test('node agrees about issuers, authorities, dates and purpose', () => {
  const root = aRoot()
  const authority = anAuthority(root)
  const [top, middle, leaf] = [root, authority, aLeaf(authority, ['a.test'])].map((pem) => new X509Certificate(pem))
  expect([top!.ca, middle!.ca, leaf!.ca]).toEqual([true, true, false])
  expect([leaf!.checkIssued(middle!), middle!.checkIssued(top!), top!.checkIssued(top!), leaf!.checkIssued(top!)]).toEqual([
    true,
    true,
    true,
    false,
  ])
  expect([leaf!.verify(middle!.publicKey), middle!.verify(top!.publicKey)]).toEqual([true, true])
  expect([leaf!.validFrom, leaf!.validTo]).toEqual(['Jan  1 00:00:00 2025 GMT', 'Dec 31 23:59:59 2075 GMT'])
  expect(leaf!.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(leaf!.checkPrivateKey(leafKey)).toBe(true)
})

test('a name outside of ASCII is the same in subject and issuer', () => {
  const root = new X509Certificate(aRoot())
  const authority = new X509Certificate(anAuthority(aRoot()))
  expect(authority.issuer).toBe('O=coinslot\nCN=Wurzel für Tests')
  expect(root.subject).toBe(authority.issuer)
})

test.each([
  [['host.ok.test', 'ok.test', '10.1.2.3'], ''],
  [['other.test'], 'permitted subtree violation'],
  [['11.0.0.1'], 'permitted subtree violation'],
  [['::1'], 'permitted subtree violation'],
  [['not.ok.test'], 'excluded subtree violation'],
  [['10.9.0.1'], 'excluded subtree violation'],
] as const)('below name constraints openssl judges a leaf for %s', (names, violation) => {
  const root = aRoot()
  const permitted = { dns: ['ok.test'], ip: ['10.0.0.0/8', 'fd00::/8'] }
  const excluded = { dns: ['not.ok.test'], ip: ['10.9.0.0/16'] }
  const authority = anAuthority(root, { authority: { nameConstraints: { permitted, excluded } } })
  const { status, stderr } = verify(root, authority, aLeaf(authority, [...names]))
  expect(status).toBe(violation === '' ? 0 : 2)
  expect(stderr).toContain(violation)
})

test('name constraints are critical', () => {
  const root = aRoot({ authority: { nameConstraints: { permitted: { dns: ['ok.test'] } } } })
  expect(openssl({ root }, 'x509', '-in', '@root', '-noout', '-text').stdout.toString()).toMatch(/X509v3 Name Constraints: critical/)
})

test('a wrong address range or empty name constraints are refused', () => {
  expect(constrained({ permitted: { ip: ['10.0.0.0/33'] } })).toThrow('10.0.0.0/33 is not an address range')
  expect(constrained({ permitted: { ip: ['10.0.0.0'] } })).toThrow(RangeError)
  expect(constrained({ excluded: {} })).toThrow(RangeError)
})

test('a serial number is positive and keeps its length', () => {
  expect(new X509Certificate(anAuthority(aRoot())).serialNumber).toBe(`7F${'FF'.repeat(19)}`)
  expect(new X509Certificate(aLeaf(anAuthority(aRoot()), [])).serialNumber).toBe('4002')
  expect(() => aRoot({ serial: Buffer.alloc(21) })).toThrow(RangeError)
})

test('a certificate names its own key and that of its issuer', () => {
  const root = aRoot()
  const authority = anAuthority(root)
  const text = openssl({ authority }, 'x509', '-in', '@authority', '-noout', '-ext', 'authorityKeyIdentifier').stdout.toString()
  const issuer = openssl({ root }, 'x509', '-in', '@root', '-noout', '-ext', 'subjectKeyIdentifier').stdout.toString()
  const identifier = /(?:[0-9A-F]{2}:){19}[0-9A-F]{2}/
  expect(identifier.exec(text)?.[0]).toBe(identifier.exec(issuer)?.[0])
})

test('a PEM text may hold several certificates, and a damaged one is named', () => {
  const root = aRoot()
  const both = certificatesInPem(`notes\n${root}\n${anAuthority(root)}`)
  expect(both.ok && both.certificates.map(({ pathLength }) => pathLength)).toEqual([undefined, 0])
  expect(certificatesInPem('nothing')).toEqual({ ok: false, reason: 'holds no PEM certificate' })
  expect(certificatesInPem(root.replace(/\n[A-Za-z0-9+/]{64}\n/, '\n'))).toMatchObject({ ok: false })
})
