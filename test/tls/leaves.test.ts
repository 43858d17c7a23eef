import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { developmentKeys } from '../../src/pki/keys.js'
import { openAuthority } from '../../src/tls/authority.js'
import { leavesOf } from '../../src/tls/leaves.js'
import { permittedNames } from '../../src/tls/permitted-names.js'
import { aSecureSandbox, shownCertificate } from './kit.js'

test.each([
  ['a vendor host', 'api.gocarrot.com'],
  ['another zone of a vendor', 'qa-openapi-zinny3.game.kakao.com'],
  ['a name below a vendor host', 'eu.api.mbaasy.com'],
  ['a vendor under localhost', 'teak.localhost'],
  ['a workspace under localhost', 'ci-7.teak.localhost'],
])('%s is shown a certificate in its name', async (_what, name) => {
  const sandbox = await aSecureSandbox()

  const shown = await shownCertificate(sandbox, name)

  expect(shown.subjectaltname).toBe(`DNS:${name}`)
})

test('a client that names no host gets a certificate for the loopback addresses and the host of an Android emulator', async () => {
  const sandbox = await aSecureSandbox()

  const shown = await shownCertificate(sandbox)

  for (const name of ['DNS:localhost', 'IP Address:127.0.0.1', 'IP Address:0:0:0:0:0:0:0:1', 'IP Address:10.0.2.2']) {
    expect(shown.subjectaltname).toContain(name)
  }
})

test.each(['example.com', 'evilgocarrot.com', 'evil-api.gocarrot.com.example', 'notlocalhost'])(
  'a client that asks for the foreign name %s is shown no certificate for it',
  async (name) => {
    const sandbox = await aSecureSandbox()

    await expect(shownCertificate(sandbox, name)).rejects.toThrow(/does not match certificate's altnames/)
  },
)

test('a name of --tls-name is believed', async () => {
  const sandbox = await aSecureSandbox({ tlsName: ['coinslot'] })

  expect((await shownCertificate(sandbox, 'coinslot')).subjectaltname).toBe('DNS:coinslot')
})

test('a name asked for again costs no second signature', async () => {
  let issued = 0
  const authority = await anAuthority()
  const leaves = leavesOf({ ...authority, issue: (names) => (issued++, authority.issue(names)) }, [], Date.now)
  issued = 0

  const first = leaves.contextFor('api.gocarrot.com')
  const second = leaves.contextFor('API.gocarrot.com.')

  expect(second).toBe(first)
  expect(issued).toBe(1)
})

test('a certificate close to its end is renewed when its name is asked for', async () => {
  let now = Date.parse('2026-03-01T00:00:00Z')
  const leaves = leavesOf(await anAuthority(() => now), [], () => now)
  const first = leaves.contextFor('api.gocarrot.com')

  now += 360 * 86_400_000
  const kept = leaves.contextFor('api.gocarrot.com')
  now += 10 * 86_400_000
  const renewed = leaves.contextFor('api.gocarrot.com')

  expect(kept).toBe(first)
  expect(renewed).not.toBe(first)
})

test('addresses that the authority may not speak for are left out', async () => {
  const leaves = leavesOf(await anAuthority(), ['203.0.113.9', '192.168.1.5'], Date.now)

  expect(new X509Certificate(leaves.nameless.cert).subjectAltName).toBe('DNS:localhost, IP Address:192.168.1.5')
})

test.each(['', 'a..b', 'a b.localhost', `${'a'.repeat(64)}.localhost`, '<script>.localhost'])(
  '"%s" is answered as if no name were given',
  async (name) => {
    const leaves = leavesOf(await anAuthority(), [], Date.now)

    expect(leaves.contextFor(name)).toBe(leaves.contextFor('example.com'))
  },
)

function anAuthority(now: () => number = Date.now) {
  const keys = developmentKeys()
  const ready = [keys.foreign, keys.googlePlay]
  return openAuthority({
    directory: null,
    needed: permittedNames(['api.gocarrot.com'], []),
    now,
    report: () => {},
    makeKey: async () => ready.pop()!,
  })
}
