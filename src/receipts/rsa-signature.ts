import { createVerify, type KeyObject } from 'node:crypto'

/** True for an RSA key of a size that receipts use and that verifies within milliseconds. */
export function isReceiptKey(key: KeyObject | undefined): key is KeyObject {
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0
  return key?.asymmetricKeyType === 'rsa' && bits >= 1024 && bits <= 8192
}

/** True if an RSA PKCS#1 v1.5 signature over bytes, or over a string in UTF-8, is valid; false also for a key that OpenSSL refuses. */
export function rsaSignatureHolds(
  digest: string,
  data: Uint8Array | string,
  { key, signature }: { key: KeyObject; signature: Uint8Array },
): boolean {
  try {
    return createVerify(digest).update(data).verify(key, signature)
  } catch {
    return false
  }
}
