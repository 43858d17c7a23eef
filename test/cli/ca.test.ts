import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { installHint, installTargets } from '../../src/cli/install-hints.js'
import { openAuthority } from '../../src/tls/authority.js'
import { permittedNames } from '../../src/tls/permitted-names.js'
import { aFolder, aRunningSandbox, aSandboxHere, coinslot, coinslotHere } from './process.js'

test('ca prints the certificate of a running sandbox, and the same from its data directory', async () => {
  const data = join(aFolder(), 'data')
  const sandbox = await aSandboxHere({ memory: false, data, tls: true })

  const asked = await coinslot(['ca', '--url', sandbox.url])
  const read = await coinslot(['ca', '--data', data])

  expect([asked.code, read.code]).toEqual([0, 0])
  expect(new X509Certificate(asked.stdout).ca).toBe(true)
  expect(read.stdout).toBe(asked.stdout)
})

test('ca.pem is served as what phones install', async () => {
  const sandbox = await aSandboxHere()

  const reply = await fetch(`${sandbox.url}/_sandbox/ca.pem`)

  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toBe('application/x-x509-ca-cert')
  expect(new X509Certificate(await reply.text()).ca).toBe(true)
})

test('an authority is the same after a restart', async () => {
  const data = join(aFolder(), 'data')
  const first = await aRunningSandbox(['--data', data, '--tls'])
  const before = await (await fetch(`${first.url}/_sandbox/ca.pem`)).text()
  await first.end('SIGKILL')

  const second = await aRunningSandbox(['--data', data, '--tls'])

  expect(await (await fetch(`${second.url}/_sandbox/ca.pem`)).text()).toBe(before)
})

test('a start with a name outside of the authority says that a new one was made', async () => {
  const data = join(aFolder(), 'data')
  const first = await aRunningSandbox(['--data', data, '--tls'])
  await first.end('SIGTERM')

  const second = await aRunningSandbox(['--data', data, '--tls', '--tls-name', 'games.test'])

  expect(second.said().stderr).toContain('A new certificate authority was made')
  expect(second.said().stderr).toContain('games.test')
})

test('ca says of an authority for fewer names that the next start replaces it', async () => {
  const data = join(aFolder(), 'data')
  await openAuthority({
    directory: join(data, 'tls'),
    needed: permittedNames(['api.gocarrot.com'], []),
    now: () => Date.now(),
    report: () => {},
  })

  const read = await coinslot(['ca', '--data', data])

  expect(read.code).toBe(0)
  expect(new X509Certificate(read.stdout).ca).toBe(true)
  expect(read.stderr).toContain('The next start replaces this certificate authority: the one before may not speak for ')
  expect(read.stderr).toContain('api.mbaasy.com')
})

test('ca answers in JSON, and writes where it is told', async () => {
  const sandbox = await aSandboxHere()
  const file = join(aFolder(), 'ca.pem')

  const done = await coinslot(['ca', '--url', sandbox.url, '--json', '--out', file])

  const { pem, fingerprint256 } = JSON.parse(done.stdout) as Record<string, string>
  expect(readFileSync(file, 'utf8')).toBe(pem)
  expect(new X509Certificate(pem!).fingerprint256).toBe(fingerprint256)
})

test('a data directory without an authority is told what to do', async () => {
  const done = await coinslotHere(['ca', '--data', aFolder()])

  expect(done.code).toBe(1)
  expect(done.stderr).toContain('--native-ports')
})

test('a sandbox that does not answer is told of', async () => {
  const done = await coinslotHere(['ca', '--url', 'http://127.0.0.1:1'])

  expect(done.code).toBe(1)
  expect(done.stderr).toContain('http://127.0.0.1:1')
})

test.each(installTargets)('there is a hint for %s that begins with getting the file', (target) => {
  const lines = installHint(target).split('\n')

  expect(lines[0]).toBe('coinslot ca --out coinslot-ca.pem')
  expect(lines.length).toBeGreaterThan(4)
})

test('a hint needs no running sandbox', async () => {
  const done = await coinslotHere(['ca', '--install-hint', 'java'])

  expect(done.code).toBe(0)
  expect(done.stdout).toBe(`${installHint('java')}\n`)
})

test('a hint for an unknown system is wrong usage', async () => {
  expect((await coinslotHere(['ca', '--install-hint', 'beos'])).code).toBe(2)
})

test('an invalid --tls-name stops the start', async () => {
  const done = await coinslot(['--memory', '--port', '0', '--tls', '--tls-name', 'not a name'])

  expect(done.code).toBe(1)
  expect(done.stderr).toContain('--tls-name not a name')
})
