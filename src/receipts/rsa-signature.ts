import { createVerify, type KeyObject } from 'node:crypto'

/** Whether a key is RSA of a size that receipts use and that costs no more than milliseconds to check with. */
export function isReceiptKey(key: KeyObject | undefined): key is KeyObject {
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0
  return key?.asymmetricKeyType === 'rsa' && bits >= 1024 && bits <= 8192
}

/** Whether an RSA PKCS#1 v1.5 signature over bytes, or a text's UTF-8 bytes, holds; a key that OpenSSL refuses to work with counts as no. */
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
