import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { issueCertificate } from '../../src/pki/certificate.js'

/** Returns a key and a self-signed certificate for the TLS server of one test; clients must not verify it. */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const day = 86_400_000
  const now = Date.now()
  const cert = issueCertificate(
    {
      subject: { commonName: 'localhost' },
      publicKey,
      serial: randomBytes(20),
      notBefore: new Date(now - day),
      notAfter: new Date(now + day),
      names: ['localhost', '127.0.0.1'],
      serverAuth: true,
    },
    { privateKey },
  )
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert }
}
