import { Environment, SignedDataVerifier, VerificationException, VerificationStatus } from '@apple/app-store-server-library'
import type { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createSandbox, type TestSandbox } from '../../../src/index.js'
import { jwsDevelopment } from '../../../src/receipts/app-store/jws/development.js'
import { aFolder, run } from '../../tls/kit.js'
import { aReceiver } from '../../support/receiver.js'
import { bundleId, monthly, type Loose } from './store.js'

const token = '1000000102184163'
const appAppleId = 1_234_567_890

let shared: Promise<TestSandbox> | undefined
afterAll(async () => (await shared)?.close())

let sandbox: TestSandbox
beforeEach(async () => {
  shared ??= createSandbox({ memory: true, port: 0 })
  sandbox = await shared
  await sandbox.reset()
})

/** A verifier with online checks, which asks about each chain once. */
function verifier() {
  return new SignedDataVerifier([jwsDevelopment().own.chain[2]!.raw], true, Environment.PRODUCTION, bundleId, appAppleId)
}

/** Leads the checks to the sandbox without any host name. */
async function configure(app: object = {}): Promise<void> {
  const [row] = await sandbox.rows('app_store', 'apps')
  await sandbox.seed({ app_store: { apps: [{ ...row, ocspUrl: `${sandbox.urlFor('app_store')}/ocsp`, ...app }] } })
}

async function minted(): Promise<string> {
  const reply = await sandbox.fetch('/_sandbox/receipts/app_store', {
    method: 'POST',
    body: JSON.stringify({ bundleId, productId: 'gems.10' }),
  })
  return ((await reply.json()) as Loose).signedTransactions[0]
}

async function refusal(signed: string): Promise<VerificationStatus> {
  const error = await verifier()
    .verifyAndDecodeTransaction(signed)
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(VerificationException)
  return (error as VerificationException).status
}

const entries = () => sandbox.traffic({ vendor: 'app_store', path: '/ocsp' })

describe('Apple’s own library with online checks', () => {
  // client: @apple/app-store-server-library | `SignedDataVerifier` with online checks on | `root.der`, and `ocspUrl` in app_store.apps or the name `ocsp.apple.com`
  test('accepts everything that is signed, and asks about the leaf and its issuer', async () => {
    const receiver = await aReceiver()
    await configure({ notificationUrl: receiver.url })
    // Responses have the time of the client, wherever the clock of the sandbox is.
    await sandbox.clock.set('2031-01-01T00:00:00.000Z', { frozen: true })
    await sandbox.marketplace.purchase('app_store', token, { app: bundleId, ...monthly })
    const verify = verifier()
    const [sent] = await receiver.got(1)
    const { data } = await verify.verifyAndDecodeNotification(
      (JSON.parse(sent!.body.toString()) as { signedPayload: string }).signedPayload,
    )
    expect(await verify.verifyAndDecodeTransaction(data!.signedTransactionInfo!)).toMatchObject({ transactionId: token })
    expect(await verify.verifyAndDecodeRenewalInfo(data!.signedRenewalInfo!)).toMatchObject({ originalTransactionId: token })
    expect((await entries()).map(({ method, outcome, verdict }) => [method, outcome, verdict])).toEqual([
      ['POST', 'good', 'accepted'],
      ['POST', 'good', 'accepted'],
    ])
  })

  test.each([
    ['revoked', { kind: 'reply', name: 'certificate-revoked' }, VerificationStatus.FAILURE],
    ['not known', { kind: 'reply', name: 'certificate-unknown' }, VerificationStatus.FAILURE],
    ['of a responder that cannot answer now', { kind: 'reply', name: 'ocsp-try-later' }, VerificationStatus.VERIFICATION_FAILURE],
    ['of a responder that fails', { kind: 'reply', name: 'maintenance' }, VerificationStatus.RETRYABLE_VERIFICATION_FAILURE],
    ['of a responder that hangs up', { kind: 'drop' }, VerificationStatus.RETRYABLE_VERIFICATION_FAILURE],
  ] as const)('refuses a certificate that is %s', async (_name, effect, status) => {
    await configure()
    const signed = await minted()
    await sandbox.faults.add({ match: { vendor: 'app_store', path: '/ocsp' }, effect: { ...effect } })
    expect(await refusal(signed)).toBe(status)
    await sandbox.faults.clear()
    await expect(verifier().verifyAndDecodeTransaction(signed)).resolves.toMatchObject({ bundleId })
  })

  test('refuses a certificate that was issued for a responder which no app names any more', async () => {
    await configure()
    const signed = await minted()
    await sandbox.reset()
    expect(await refusal(signed)).toBe(VerificationStatus.FAILURE)
    expect((await entries())[0]).toMatchObject({ outcome: 'unknown', verdict: 'refused' })
  })

  test('can try again after the store is reachable', async () => {
    await configure()
    const signed = await minted()
    await sandbox.marketplace.down('app_store')
    expect(await refusal(signed)).toBe(VerificationStatus.RETRYABLE_VERIFICATION_FAILURE)
    await sandbox.marketplace.up('app_store')
    await expect(verifier().verifyAndDecodeTransaction(signed)).resolves.toMatchObject({ bundleId })
  })
})

describe('OpenSSL as an OCSP client', () => {
  const { own, foreign } = jwsDevelopment()

  function file(name: string, certificate: X509Certificate): string {
    const path = join(aFolder(), name)
    writeFileSync(path, certificate.toString())
    return path
  }

  async function ask(subject: X509Certificate | string, issuer: X509Certificate, hash = '-sha256'): Promise<string> {
    const about = typeof subject === 'string' ? ['-serial', subject] : ['-cert', file('certificate.pem', subject)]
    const trust = ['-CAfile', file('root.pem', own.chain[2]!), '-verify_other', file('other.pem', own.chain[1]!)]
    const url = `${sandbox.urlFor('app_store')}/ocsp`
    const { stdout, stderr } = await run('openssl', ['ocsp', hash, '-issuer', file('issuer.pem', issuer), ...about, ...trust, '-url', url])
    return `${stderr}${stdout}`
  }

  test.each([['-sha1'], ['-sha256'], ['-sha384']])(
    'believes the state of leaf and intermediate with %s, and finds its nonce',
    async (hash) => {
      const [leaf, intermediate, root] = own.chain
      for (const [certificate, issuer] of [
        [leaf!, intermediate!],
        [intermediate!, root!],
      ] as const) {
        const said = await ask(certificate, issuer, hash)
        expect(said).toContain('Response verify OK')
        expect(said).toMatch(/certificate\.pem: good\n/)
        expect(said).not.toContain('WARNING')
      }
    },
  )

  test('is told that a certificate is revoked, or unknown to its issuer', async () => {
    const [leaf, intermediate] = own.chain
    await sandbox.faults.add({ match: { vendor: 'app_store' }, effect: { kind: 'reply', name: 'certificate-revoked' }, times: 1 })
    expect(await ask(leaf!, intermediate!)).toMatch(/certificate\.pem: revoked\n/)
    expect(await ask('0x77', intermediate!)).toMatch(/0x77: unknown\n/)
    expect((await entries())[0]).toMatchObject({ outcome: 'unknown', explanation: expect.stringContaining('serial number 77') })
  })

  test('gets no response about another issuer', async () => {
    expect(await ask(foreign.chain[0]!, foreign.chain[1]!)).toContain('unauthorized (6)')
    expect((await entries())[0]).toMatchObject({ outcome: 'unknown-issuer', verdict: 'refused' })
  })

  test('sends the same request in a path', async () => {
    const [leaf, intermediate] = own.chain
    const [request, response] = [join(aFolder(), 'request.der'), join(aFolder(), 'response.der')]
    await run('openssl', ['ocsp', '-issuer', file('issuer.pem', intermediate!), '-cert', file('leaf.pem', leaf!), '-reqout', request])
    const path = `/app_store/ocsp/${encodeURIComponent(readFileSync(request).toString('base64'))}`
    const state = async () => {
      const reply = await sandbox.fetch(path)
      expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/ocsp-response'])
      writeFileSync(response, Buffer.from(await reply.arrayBuffer()))
      const { stdout } = await run('openssl', ['ocsp', '-respin', response, '-noverify', '-resp_text'])
      return /Cert Status: (\w+)/.exec(stdout)?.[1]
    }
    expect(await state()).toBe('good')
    await sandbox.faults.add({ match: { vendor: 'app_store' }, effect: { kind: 'reply', name: 'certificate-revoked' } })
    expect(await state()).toBe('revoked')
  })
})

test.each([
  ['no bytes', ''],
  ['JSON', '{}'],
  ['an empty list', Buffer.from('30023000', 'hex')],
])('a body of %s is a malformed request', async (_name, body) => {
  const reply = await sandbox.fetch('/app_store/ocsp', { method: 'POST', body })
  expect([reply.status, Buffer.from(await reply.arrayBuffer()).toString('hex')]).toEqual([200, '30030a0101'])
  expect((await entries())[0]).toMatchObject({ outcome: 'malformed-request', verdict: 'refused' })
})
