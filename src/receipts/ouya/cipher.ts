import {
  constants,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
} from 'node:crypto'

/** Something opened, or why it would not open, worded to follow "the outer layer: ". */
export type Opened<T> = { ok: true; value: T } | { ok: false; reason: string }

/** True if a number of bytes is the size of an AES key. Clients make 16 bytes and accept all three sizes. */
export function isAesKeySize(size: number): boolean {
  return size === 16 || size === 24 || size === 32
}

/** Encrypts the text of a blob: AES in CBC mode with PKCS#7 padding (console framework and SDK). */
export function encryptBlob(text: string, key: Buffer, iv: Buffer): Buffer {
  const cipher = createCipheriv(modeFor(key), key, iv)
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
}

/** Returns the members of a layer that have a size with which AES cannot decrypt. Absent members are not checked. */
export function misfitsOf({ key, iv, blob }: { key?: Buffer; iv?: Buffer; blob?: Buffer }) {
  const misfits: { member: 'key' | 'iv' | 'blob'; reason: string }[] = []
  if (key && !isAesKeySize(key.length))
    misfits.push({ member: 'key', reason: `the wrapped key is ${key.length} bytes long, AES needs 16, 24 or 32` })
  if (iv && iv.length !== 16) misfits.push({ member: 'iv', reason: `the iv is ${iv.length} bytes long, AES needs 16` })
  if (blob && blob.length % 16 !== 0)
    misfits.push({ member: 'blob', reason: `the blob is ${blob.length} bytes long, which is no multiple of 16` })
  return misfits
}

/**
 * Decrypts a blob to its text, with members of sizes that fit. There is no MAC: a wrong key shows only in the padding, in the UTF-8 or in
 * the content of the text.
 */
export function decryptBlob(blob: Buffer, key: Buffer, iv: Buffer): Opened<string> {
  try {
    const decipher = createDecipheriv(modeFor(key), key, iv)
    return readText(Buffer.concat([decipher.update(blob), decipher.final()]))
  } catch {
    return { ok: false, reason: 'the blob does not decrypt: its padding is wrong' }
  }
}

/** Bytes as text, unless they are not UTF-8. */
export function readText(bytes: Buffer): Opened<string> {
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return { ok: false, reason: 'the decrypted text is not UTF-8' }
  }
}

/** Wraps an AES key so that the holder of the public key knows who made it (type 1: `00 01 FF … 00`, a signature without hash). */
export function wrapWithPrivate(aesKey: Buffer, privateKey: KeyObject): Buffer {
  return privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, aesKey)
}

/** Opens a type 1 wrap. */
export function unwrapWithPublic(wrapped: Buffer, publicKey: KeyObject): Opened<Buffer> {
  const misfit = sizeMisfit(wrapped, publicKey)
  if (misfit) return misfit
  try {
    return { ok: true, value: publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, wrapped) }
  } catch {
    return doesNotFit
  }
}

/** Wraps an AES key for the holder of the private key alone (type 2: `00 02 … 00`, random padding, never seeded). */
export function wrapWithPublic(aesKey: Buffer, publicKey: KeyObject): Buffer {
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, aesKey)
}

/**
 * Opens a type 2 wrap. The padding is taken off here, because Node 20 refuses to do it and newer releases return random bytes for
 * a damaged block. A service that reports the failure is a padding oracle (Bleichenbacher), as the real service was:
 * use throw-away keys only, never a key that protects anything.
 */
export function unwrapWithPrivate(wrapped: Buffer, privateKey: KeyObject): Opened<Buffer> {
  const misfit = sizeMisfit(wrapped, privateKey)
  if (misfit) return misfit
  try {
    return stripRandomPadding(privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, wrapped))
  } catch {
    return doesNotFit
  }
}

const doesNotFit = { ok: false, reason: 'the wrapped key does not open: it was made with another RSA key, or damaged' } as const
const fewestPaddingBytes = 8

function stripRandomPadding(block: Buffer): Opened<Buffer> {
  const end = block.indexOf(0, 2)
  if (block[0] !== 0 || block[1] !== 2 || end < 2 + fewestPaddingBytes) return doesNotFit
  return { ok: true, value: block.subarray(end + 1) }
}

function sizeMisfit(wrapped: Buffer, key: KeyObject): { ok: false; reason: string } | undefined {
  const needed = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
  if (wrapped.length === needed) return undefined
  return { ok: false, reason: `the wrapped key is ${wrapped.length} bytes long, the RSA key needs ${needed}` }
}

function modeFor(key: Buffer): string {
  return `aes-${key.length * 8}-cbc`
}
