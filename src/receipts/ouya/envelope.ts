import { z } from 'zod'
import { decodeBase64 } from '../../pki/base64.js'
import { parseObject } from '../json-object.js'
import { decryptBlob, encryptBlob, isAesKeySize, misfitsOf, type Opened, readText } from './cipher.js'

/** One layer of encryption as it travels: three fields, each Base64, in any order. There is no MAC. */
export const envelope = z.object({ key: z.string(), iv: z.string(), blob: z.string() })
export type Envelope = z.infer<typeof envelope>

/** One opened layer, for display; `key` is the AES key in hex. */
export interface Layer {
  name: 'outer' | 'inner'
  key?: string
  text: string
}

/** Wrapping of a layer's AES key, or `'plain'` for consoles whose cipher calls are patched away. */
export type Wrap = ((aesKey: Buffer) => Buffer) | 'plain'

/** Makes a layer over a text, with a fresh 16 byte key and iv, drawn in this order. */
export function sealLayer(text: string, wrap: Wrap, random: (size: number) => Buffer): Record<keyof Envelope, Buffer> {
  const key = random(16)
  const iv = random(16)
  if (wrap === 'plain') return { key, iv, blob: Buffer.from(text) }
  return { key: wrap(key), iv, blob: encryptBlob(text, key, iv) }
}

/** A layer opened, or the reasons why it does not open, with the members of the envelope at fault. */
export type OpenedLayer = { ok: true; value: Layer } | { ok: false; reason: string; members: readonly (keyof Envelope)[] }

/**
 * Opens a layer to its text. `unwrap` is `'plain'` where the key is bare and the blob no more than Base64. All members are checked before
 * anything is decrypted, so that a refusal names each one that is wrong alone.
 */
export function openLayer(name: Layer['name'], sealed: Envelope, unwrap: ((wrapped: Buffer) => Opened<Buffer>) | 'plain'): OpenedLayer {
  const [key, iv, blob] = [decodeBase64(sealed.key), decodeBase64(sealed.iv), decodeBase64(sealed.blob)]
  const aesKey = key.ok
    ? unwrap === 'plain'
      ? bareKey(key.bytes)
      : unwrap(key.bytes)
    : { ok: false as const, reason: `its key ${key.reason}` }
  const misfits: { member: keyof Envelope; reason: string }[] = []
  if (!aesKey.ok) misfits.push({ member: 'key', reason: aesKey.reason })
  if (!iv.ok) misfits.push({ member: 'iv', reason: `its iv ${iv.reason}` })
  if (!blob.ok) misfits.push({ member: 'blob', reason: `its blob ${blob.reason}` })
  if (unwrap !== 'plain') {
    misfits.push(
      ...misfitsOf({ ...(aesKey.ok && { key: aesKey.value }), ...(iv.ok && { iv: iv.bytes }), ...(blob.ok && { blob: blob.bytes }) }),
    )
  }
  if (!aesKey.ok || !iv.ok || !blob.ok || misfits.length > 0) {
    return { ok: false, reason: misfits.map(({ reason }) => reason).join('; '), members: misfits.map(({ member }) => member) }
  }
  const text = unwrap === 'plain' ? readText(blob.bytes) : decryptBlob(blob.bytes, aesKey.value, iv.bytes)
  if (!text.ok) return { ...text, members: ['blob'] }
  return { ok: true, value: { name, key: aesKey.value.toString('hex'), text: text.value } }
}

function bareKey(bytes: Buffer): Opened<Buffer> {
  if (isAesKeySize(bytes.length)) return { ok: true, value: bytes }
  return { ok: false, reason: `its key is ${bytes.length} bytes long in a plain envelope` }
}

/** True if a layer's key is a bare AES key, the sign of a console without encryption. */
export function isPlain(sealed: Envelope): boolean {
  const key = decodeBase64(sealed.key)
  return key.ok && isAesKeySize(key.bytes.length)
}

/** Reads an envelope out of the text of an opened layer: JSON in any spacing and order. */
export function readEnvelope(text: string): Opened<Envelope> {
  const read = parseObject(text)
  if (!read.ok) return { ok: false, reason: `the text inside ${read.reason}` }
  const parsed = envelope.safeParse(read.value)
  if (parsed.success) return { ok: true, value: parsed.data }
  const missing = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')
  return { ok: false, reason: `the text inside is no envelope: ${missing} missing or not text` }
}
