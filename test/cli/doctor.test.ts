import { createServer, type AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Check } from '../../src/doctor/check.js'
import { checkClock, checkNode } from '../../src/doctor/machine.js'
import { checkNames } from '../../src/doctor/network.js'
import { portRefusal } from '../../src/sandbox/port-errors.js'
import { aFolder, aRunningSandbox, aSandboxHere, coinslot, coinslotHere } from './process.js'

const vendors = [{ id: 'teak', hosts: ['api.gocarrot.com', 'gocarrot.com'] }]

test('doctor finds the sandbox that runs, its data directory and its authority', async () => {
  const data = join(aFolder(), 'data')
  const sandbox = await aSandboxHere({ memory: false, data, tls: true })

  const { checks } = await examined(['--url', sandbox.url, '--data', data])

  for (const name of ['node', 'port', 'data', 'clock', 'authority']) expect(checks[name]).toMatchObject({ ok: true })
  expect(checks['port']!.detail).toContain(sandbox.url)
})

test('each failed check says what to do, and the exit code is 1', async () => {
  const done = await coinslot(['doctor', '--data', aFolder(), '--port', '0', '--native-ports'])

  expect(done.code).toBe(1)
  expect(done.stdout).toContain('coinslot hosts')
  expect(done.stdout).toContain('--native-ports')
})

test('a set-up that uses address prefixes alone is well without vendor names and trust', async () => {
  const { ok, checks } = await examined(['--data', aFolder(), '--port', '0'])

  expect(ok).toBe(true)
  expect(checks['authority']).toMatchObject({ ok: false, needed: false })
})

test('a port of another program is told apart from a sandbox', async () => {
  const port = await aTakenPort()

  const { checks } = await examined(['--port', String(port), '--data', aFolder()])

  expect(checks['port']).toMatchObject({ ok: false })
  expect(checks['port']!.mend).toContain('--port')
})

test('a sandbox that was named and does not answer is wrong', async () => {
  const { checks } = await examined(['--url', 'http://127.0.0.1:1', '--data', aFolder()])

  expect(checks['port']).toMatchObject({ ok: false })
})

test('a data directory in use by another process is wrong where no sandbox answers', async () => {
  const data = join(aFolder(), 'data')
  await aRunningSandbox(['--data', data])

  const { checks } = await examined(['--data', data, '--port', '0'])

  expect(checks['data']).toMatchObject({ ok: false })
})

test('a data directory that is a file is wrong', async () => {
  const file = join(aFolder(), 'data')
  writeFileSync(file, '')

  const { checks } = await examined(['--data', file, '--port', '0'])

  expect(checks['data']).toMatchObject({ ok: false })
})

test('a name that the authority may not speak for is told before the next start replaces it', async () => {
  const data = join(aFolder(), 'data')
  const sandbox = await aSandboxHere({ memory: false, data, tls: true })

  const { checks } = await examined(['--url', sandbox.url, '--data', data, '--tls-name', 'games.test'])

  expect(checks['authority']).toMatchObject({ ok: false })
  expect(checks['authority']!.detail).toContain('games.test')
})

test('trust is seen where NODE_EXTRA_CA_CERTS and SSL_CERT_FILE name the certificate', async () => {
  const data = join(aFolder(), 'data')
  const sandbox = await aSandboxHere({ memory: false, data, tls: true })
  const file = join(aFolder(), 'ca.pem')
  await coinslotHere(['ca', '--url', sandbox.url, '--out', file])

  const before = await examined(['--url', sandbox.url, '--data', data])
  const after = await examined(['--url', sandbox.url, '--data', data], { NODE_EXTRA_CA_CERTS: file, SSL_CERT_FILE: file })

  expect([before.checks['trust system']!.ok, before.checks['trust node']!.ok]).toEqual([false, false])
  expect([after.checks['trust system']!.ok, after.checks['trust node']!.ok]).toEqual([true, true])
})

test('names that lead here are well', async () => {
  const checks = await checkNames(vendors, '127.0.0.1', async () => ['127.0.0.1', '::1'])

  expect(checks).toMatchObject([{ name: 'names teak', ok: true }])
})

test('names that lead to the sandbox’s own address are well', async () => {
  const checks = await checkNames(vendors, 'coinslot', async () => ['198.51.100.7'])

  expect(checks).toMatchObject([{ ok: true }])
})

test('a name that leads elsewhere is named with where', async () => {
  const checks = await checkNames(vendors, '127.0.0.1', async (name) => [name === 'gocarrot.com' ? '198.51.100.7' : '127.0.0.1'])

  expect(checks).toMatchObject([{ ok: false, detail: 'gocarrot.com leads to 198.51.100.7, not to the sandbox' }])
})

test('a name that leads nowhere is named with why', async () => {
  const checks = await checkNames(vendors, '127.0.0.1', async (name) => {
    if (name === '127.0.0.1') return [name]
    throw Object.assign(new Error('no'), { code: 'ENOTFOUND' })
  })

  expect(checks[0]!.detail).toContain('api.gocarrot.com leads nowhere (ENOTFOUND)')
})

test.each([
  ['18.20.0', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['24.1.0', true],
])('Node %s: new enough is %s', (version, ok) => {
  expect(checkNode(version).ok).toBe(ok)
})

test('a clock that is long past, before the authority or far from the sandbox’s is wrong', () => {
  const now = Date.UTC(2026, 2, 1)
  const running = { url: '', version: '', certificate: undefined }

  expect(checkClock(now, { ...running, aheadMs: 900 }, now - 1).ok).toBe(true)
  expect(checkClock(Date.UTC(1970, 0, 2), undefined, undefined).ok).toBe(false)
  expect(checkClock(now, undefined, now + 1).ok).toBe(false)
  expect(checkClock(now, { ...running, aheadMs: -60_000 }, undefined).detail).toContain('60 s behind')
})

test.each([
  ['linux', 'ip_unprivileged_port_start=80'],
  ['darwin', '--host 0.0.0.0'],
  ['win32', 'excludedportrange'],
] as const)('a port that may not be opened has a remedy on %s', (platform, remedy) => {
  const error = Object.assign(new Error('listen EACCES'), { code: 'EACCES' })

  expect(portRefusal(error, '127.0.0.1', 443, platform)).toContain(remedy)
})

async function examined(args: readonly string[], env: Record<string, string> = {}) {
  const done = await coinslot(['doctor', '--json', ...args], { env })
  if (done.stdout === '') throw new Error(`the doctor said nothing and ended with ${done.code}: ${done.stderr}`)
  const { ok, checks } = JSON.parse(done.stdout) as { ok: boolean; checks: Check[] }
  expect(done.code).toBe(ok ? 0 : 1)
  return { ok, checks: Object.fromEntries(checks.map((check) => [check.name, check])) }
}

async function aTakenPort(): Promise<number> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}
