import { constants, privateEncrypt, type KeyObject } from 'node:crypto'
import type forge from 'node-forge'

/** Digests that certificates and PKCS#7 messages are signed with here. */
export type SigningDigest = 'sha1' | 'sha256'

/**
 * A key that node-forge can sign certificates and PKCS#7 messages with while node:crypto does the arithmetic: a hundred times
 * faster than forge's own RSA, and the private key never leaves its KeyObject.
 */
export function nodeSigner(key: KeyObject): forge.pki.rsa.PrivateKey {
  const signer: ForgeSigner = {
    sign(digest) {
      const block = Buffer.concat([digestInfo(digest.algorithm), Buffer.from(digest.digest().getBytes(), 'latin1')])
      return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, block).toString('latin1')
    },
  }
  // Signing is all that forge asks of a private key; it never looks at the numbers behind it.
  return signer as unknown as forge.pki.rsa.PrivateKey
}

interface ForgeSigner {
  sign(digest: forge.md.MessageDigest & { algorithm: string }): string
}

// DigestInfo of RFC 8017 section 9.2 up to the digest itself.
const digestInfos: Record<SigningDigest, string> = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
}

function digestInfo(algorithm: string): Buffer {
  if (algorithm === 'sha1' || algorithm === 'sha256') return Buffer.from(digestInfos[algorithm], 'hex')
  throw new Error(`signing with ${algorithm} is not offered; use sha1 or sha256`)
}
