import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { issueCertificate } from '../../src/pki/certificate.js'
import { developmentKeys } from '../../src/pki/keys.js'
import { openAuthority, type Authority, type AuthorityParts } from '../../src/tls/authority.js'
import { namesOutside, permittedNames } from '../../src/tls/permitted-names.js'
import { aFile, aFolder, run } from './kit.js'

const dayMs = 86_400_000
const start = Date.parse('2026-03-01T00:00:00Z')
const names = permittedNames(['api.gocarrot.com', 'devs.ouya.tv'], [])

test('an authority outlives its process, with its key and its leaf key', async () => {
  const directory = join(aFolder(), 'tls')

  const first = await anAuthority({ directory })
  const second = await anAuthority({ directory })

  expect(second.certificate).toBe(first.certificate)
  expect(second.leafKey).toBe(first.leafKey)
})

test('keys are readable by their owner alone, and the certificate stands in a folder without them', async () => {
  const directory = join(aFolder(), 'tls')

  await anAuthority({ directory })

  expect(modeOf(directory)).toBe(0o700)
  expect(['ca.key.pem', 'leaf.key.pem'].map((name) => modeOf(join(directory, name)))).toEqual([0o600, 0o600])
  expect(readdirSync(join(directory, 'public'))).toEqual(['ca.pem'])
})

test('the permissions of a key that others may read are restricted at the next start', async () => {
  const directory = join(aFolder(), 'tls')
  await anAuthority({ directory })
  chmodSync(join(directory, 'ca.key.pem'), 0o644)

  await anAuthority({ directory })

  expect(modeOf(join(directory, 'ca.key.pem'))).toBe(0o600)
})

test('in memory it writes nothing', async () => {
  const folder = aFolder()

  await anAuthority({ directory: null })

  expect(readdirSync(folder)).toEqual([])
})

test('a name outside of the constraints makes a new authority and says so', async () => {
  const directory = join(aFolder(), 'tls')
  const said: string[] = []
  const first = await anAuthority({ directory })

  const second = await anAuthority({
    directory,
    needed: permittedNames(['api.gocarrot.com'], ['sandbox.test']),
    report: (line) => said.push(line),
  })

  expect(second.certificate).not.toBe(first.certificate)
  expect(said).toEqual([expect.stringContaining('sandbox.test')])
})

test('names of before stay, so that going back asks for no new trust', async () => {
  const directory = join(aFolder(), 'tls')
  await anAuthority({ directory, needed: permittedNames([], ['one.test']) })
  const both = await anAuthority({ directory, needed: permittedNames([], ['two.test']) })

  const again = await anAuthority({ directory, needed: permittedNames([], ['one.test']) })

  expect(again.certificate).toBe(both.certificate)
})

test('fewer names than before keep the authority', async () => {
  const directory = join(aFolder(), 'tls')
  const first = await anAuthority({ directory })

  const second = await anAuthority({ directory, needed: permittedNames(['devs.ouya.tv'], []) })

  expect(second.certificate).toBe(first.certificate)
})

test.each([
  ['close to its end', (directory: string) => void directory, start + 3_640 * dayMs, 'ends on'],
  ['with a damaged key', (directory: string) => writeFileSync(join(directory, 'ca.key.pem'), 'nonsense'), start, 'could not be read'],
  [
    'with the key of another authority',
    (directory: string) => writeFileSync(join(directory, 'ca.key.pem'), readFileSync(join(directory, 'leaf.key.pem'))),
    start,
    'belong together',
  ],
])('an authority %s is replaced and says so', async (_what, spoil, now, reason) => {
  const directory = join(aFolder(), 'tls')
  const said: string[] = []
  const first = await anAuthority({ directory })
  spoil(directory)

  const second = await anAuthority({ directory, now: () => now, report: (line) => said.push(line) })

  expect(second.certificate).not.toBe(first.certificate)
  expect(said).toEqual([expect.stringContaining(reason)])
})

test('a first start that was cut short is no authority', async () => {
  const directory = join(aFolder(), 'tls')
  await anAuthority({ directory })
  rmSync(join(directory, 'public', 'ca.pem'))

  const second = await anAuthority({ directory })

  expect(readFileSync(join(directory, 'public', 'ca.pem'), 'utf8')).toBe(second.certificate)
})

test('a folder that cannot be written stops it with the system’s reason', async () => {
  const folder = aFolder()
  writeFileSync(join(folder, 'tls'), 'a file')

  await expect(anAuthority({ directory: join(folder, 'tls') })).rejects.toThrow(/ENOTDIR|EEXIST/)
})

test('an authority lives for ten years and is one for openssl and node', async () => {
  const { certificate } = await anAuthority({ now: Date.now })
  const parsed = new X509Certificate(certificate)

  expect(parsed.ca).toBe(true)
  expect((Date.parse(parsed.validTo) - Date.now()) / dayMs).toBeGreaterThan(3_600)
  expect((await openssl(['verify', '-x509_strict', '-CAfile', '@ca', '@ca'], { ca: certificate })).stdout).toMatch(/OK/)
})

test('a leaf satisfies iOS 13 and later: at most 397 days, its names in the SAN, for servers', async () => {
  const authority = await anAuthority()
  const leaf = new X509Certificate(authority.issue(['api.gocarrot.com', '127.0.0.1', '::1']).certificate)
  const days = (Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)) / dayMs

  expect(days).toBeLessThanOrEqual(397)
  expect(days).toBeGreaterThan(390)
  expect([leaf.checkHost('api.gocarrot.com'), leaf.checkIP('127.0.0.1'), leaf.checkIP('::1')]).toEqual([
    'api.gocarrot.com',
    '127.0.0.1',
    '::1',
  ])
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
})

test('openssl believes leaves for names and addresses, strictly', async () => {
  const authority = await anAuthority({ now: Date.now })
  const leaf = authority.issue(['api.gocarrot.com', 'a.b.localhost', '192.168.1.20', '::1', 'fd00::5']).certificate

  const said = await openssl(
    ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'a.b.localhost', '-CAfile', '@ca', '@leaf'],
    {
      ca: authority.certificate,
      leaf,
    },
  )

  expect(said.stdout).toMatch(/OK/)
})

test.each(['127.0.0.1', '10.0.2.2', '172.17.0.1', '203.0.113.7', '::1'])(
  'openssl trusts the leaf for the address %s, whose common name is no DNS name',
  async (address) => {
    const authority = await anAuthority({ now: Date.now, needed: permittedNames(['api.gocarrot.com'], ['203.0.113.7']) })
    const leaf = authority.issue([address]).certificate

    const verified = await openssl(['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_ip', address, '-CAfile', '@ca', '@leaf'], {
      ca: authority.certificate,
      leaf,
    })

    expect(verified.stdout + verified.stderr).toMatch(/OK/)
  },
)

test('all leaves have one key, and each a number of its own', async () => {
  const authority = await anAuthority()
  const [one, other] = ['api.gocarrot.com', 'devs.ouya.tv'].map((name) => new X509Certificate(authority.issue([name]).certificate))

  expect(one!.publicKey.equals(other!.publicKey)).toBe(true)
  expect(one!.checkPrivateKey(createPrivateKey(authority.leafKey))).toBe(true)
  expect(one!.serialNumber).not.toBe(other!.serialNumber)
})

test.each(['example.com', 'gocarrot.com', 'notapi.gocarrot.com.evil.test', '8.8.8.8', '2001:db8::1'])(
  'a leaf for %s is not issued, and openssl refuses one made with the key all the same',
  async (name) => {
    const directory = join(aFolder(), 'tls')
    const authority = await anAuthority({ directory, now: Date.now })
    const forged = issueCertificate(
      {
        subject: { commonName: 'forged' },
        publicKey: createPrivateKey(authority.leafKey),
        serial: Buffer.from([1, 2, 3]),
        notBefore: new Date(Date.now() - dayMs),
        notAfter: new Date(Date.now() + dayMs),
        names: [name],
        serverAuth: true,
      },
      { privateKey: createPrivateKey(readFileSync(join(directory, 'ca.key.pem'))), certificate: authority.certificate },
    )

    const said = await openssl(['verify', '-CAfile', '@ca', '@leaf'], { ca: authority.certificate, leaf: forged })

    expect(() => authority.issue([name])).toThrow(RangeError)
    expect(said.code).not.toBe(0)
    expect(said.stderr).toContain('permitted subtree violation')
  },
)

test('an authority issues for names below a permitted one', async () => {
  const authority = await anAuthority({ needed: permittedNames([], ['Sandbox.Test.', '*.wild.test', '203.0.113.7']) })

  expect(() => authority.issue(['sandbox.test', 'a.sandbox.test', 'b.wild.test', '203.0.113.7', '10.1.2.3'])).not.toThrow()
})

test('an authority may not issue another', async () => {
  const authority = await anAuthority({ now: Date.now })
  const text = await openssl(['x509', '-in', '@ca', '-noout', '-text'], { ca: authority.certificate })

  expect(text.stdout).toContain('CA:TRUE, pathlen:0')
})

test('what is permitted is read back from the certificate as it was asked for', async () => {
  const needed = permittedNames(['api.gocarrot.com'], ['coinslot', '2001:db8:0:0::7', '203.0.113.0'])
  const directory = join(aFolder(), 'tls')
  await anAuthority({ directory, needed })

  const { permitted } = await anAuthority({ directory, needed })

  expect(permitted).toEqual(needed)
  expect(namesOutside(permitted, needed)).toEqual([])
})

test.each(['white space', 'https://a.test', 'ünicode.test', '', '-a.test'])('"%s" is no name for a certificate', (name) => {
  expect(() => permittedNames([], [name])).toThrow('--tls-name')
})

test('keys of its own have 2048 bits and are not the ones of another authority', async () => {
  const [one, other] = await Promise.all([anAuthority({ makeKey: undefined }), anAuthority({ makeKey: undefined })])

  expect(createPrivateKey(one.leafKey).asymmetricKeyDetails?.modulusLength).toBe(2048)
  expect(new X509Certificate(one.certificate).publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048)
  expect(one.leafKey).not.toBe(other.leafKey)
})

function anAuthority(parts: Partial<AuthorityParts> = {}): Promise<Authority> {
  const ready = [keys.foreign, keys.googlePlay]
  return openAuthority({ directory: null, needed: names, now: () => start, report: () => {}, makeKey: async () => ready.pop()!, ...parts })
}

// Published keys, as making some takes a while; the last test makes its own.
const keys = developmentKeys()

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

/** Runs openssl with texts as files in place of `@name`. */
function openssl(args: readonly string[], texts: Record<string, string>) {
  return run(
    'openssl',
    args.map((arg) => (arg.startsWith('@') ? aFile('pem', texts[arg.slice(1)]!) : arg)),
  )
}
