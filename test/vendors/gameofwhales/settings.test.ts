import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { spkiBase64 } from '../../../src/pki/rsa-key.js'
import { appStoreDevelopment } from '../../../src/receipts/app-store/development.js'
import { aSandbox, post } from '../../support/sandbox.js'
import { googlePlayContainer, seed, verdictOf } from './calls.js'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const small = generateKeyPairSync('rsa', { modulusLength: 512 })
const pkcs8 = { format: 'der', type: 'pkcs8' } as const

describe('a licence key', () => {
  test.each([
    ['PEM', rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString(), 'is PEM; give the Base64 text between the dashed lines'],
    ['a private key', rsa.privateKey.export(pkcs8).toString('base64'), 'is a private key'],
    ['an API key', 'goog_AbCdEfGhIjKlMnOp', 'holds "_" at position 4, which is not Base64'],
    ['a key on a curve', spkiBase64(curve.publicKey), 'is of type ec, not RSA'],
    ['a key of 512 bits', spkiBase64(small.publicKey), 'has 512 bits; 1024 to 4096 are accepted'],
    ['half a key', spkiBase64(rsa.publicKey).slice(0, 200), 'is Base64, but of no DER SubjectPublicKeyInfo'],
    ['no key', 'bm8ga2V5', 'is Base64, but of no DER SubjectPublicKeyInfo'],
    ['empty', '', 'is empty'],
  ])('that is %s is refused when it is seeded or put, with the reason and what to give', async (_, androidLicenseKey, reason) => {
    const sandbox = await aSandbox()
    const row = { game: 'new', androidLicenseKey }
    const seeded = await sandbox.ask('/_sandbox/seed', post({ gameofwhales: { games: [row] } }))
    const put = await sandbox.ask('/_sandbox/tables/gameofwhales/games/new', { method: 'PUT', body: JSON.stringify(row) })

    for (const reply of [seeded, put]) {
      expect(reply.status).toBe(422)
      const { errors } = (await reply.json()) as { errors: { path: string; message: string }[] }
      expect(errors).toHaveLength(1)
      expect(errors[0]?.path).toMatch(/androidLicenseKey$/)
      expect(errors[0]?.message).toContain(`The key ${reason}`)
      expect(errors[0]?.message).toContain('Give the licence key as the Play Console shows it: the Base64 of an RSA public key.')
    }
    expect((await sandbox.rows('gameofwhales', 'games')).map(({ game }) => game)).not.toContain('new')
  })

  test('may be broken into lines and have blanks around it', async () => {
    const sandbox = await aSandbox()
    const [{ androidLicenseKey } = {}] = await sandbox.rows('gameofwhales', 'games')
    const lines = ` ${String(androidLicenseKey).replaceAll(/(.{64})/g, '$1\r\n')}\n`
    await seed(sandbox, { games: [{ game: 'lines', androidLicenseKey: lines }] })
    expect(await verdictOf(sandbox, googlePlayContainer(), 'GPA.1', { game: 'lines' })).toBe('legal')
  })
})

test.each([
  ['no PEM', 'holds no PEM certificate'],
  [rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString(), 'holds no PEM certificate'],
  ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'cannot be read'],
])('a root that is no certificate is refused when it is seeded: %s', async (root, reason) => {
  const sandbox = await aSandbox()
  const games = [{ game: 'new', appStoreRoots: [appStoreDevelopment().root, root] }]
  const reply = await sandbox.ask('/_sandbox/seed', post({ gameofwhales: { games } }))
  expect(reply.status).toBe(422)
  const { errors } = (await reply.json()) as { errors: { path: string; message: string }[] }
  expect(errors).toMatchObject([
    { path: expect.stringMatching(/appStoreRoots\/1$/), message: expect.stringContaining(`The root ${reason}`) },
  ])
  expect(errors[0]?.message).toContain('Give the certificate as PEM')
})
