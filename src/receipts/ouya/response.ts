import type { KeyObject } from 'node:crypto'
import { parseObject } from '../json-object.js'
import { unwrapWithPrivate, unwrapWithPublic, wrapWithPrivate, wrapWithPublic } from './cipher.js'
import { type Envelope, envelope, sealLayer } from './envelope.js'
import { openMessage, type OpenedMessage } from './open.js'

/** Keys that seal a reply: inside with the application key, outside for the gamer's console; a plain one needs neither. */
export type ResponseKeys = { plain: true } | { plain?: false; gamerPublicKey: KeyObject; applicationPrivateKey: KeyObject }

/** Plays the store: seals an answer twice. Field order and the Base64 lines of 60 characters are as recorded. */
export function sealResponse(payload: string, keys: ResponseKeys & { random: (size: number) => Buffer }): Envelope {
  const wrapInner = keys.plain ? 'plain' : (aesKey: Buffer) => wrapWithPrivate(aesKey, keys.applicationPrivateKey)
  const wrapOuter = keys.plain ? 'plain' : (aesKey: Buffer) => wrapWithPublic(aesKey, keys.gamerPublicKey)
  const inner = inLines(sealLayer(payload, wrapInner, keys.random))
  return inLines(sealLayer(JSON.stringify(inner), wrapOuter, keys.random))
}

/** Opens a reply as console and game do, from its body or the parsed body. A reply without an envelope has no layers. */
export function openResponse(
  body: string | Record<string, unknown>,
  keys: { gamerPrivateKey: KeyObject | null; applicationPublicKey: KeyObject | null },
): OpenedMessage {
  const read = typeof body === 'string' ? parseObject(body) : { ok: true as const, value: body }
  if (!read.ok) return { ok: false, fault: 'no-envelope', reason: `the body ${read.reason}`, plain: false, layers: [] }
  // The console framework prefers a member "payload" to "blob"; the recorded answers only ever had "blob".
  const sealed = envelope.safeParse({ ...read.value, blob: read.value.payload ?? read.value.blob })
  if (!sealed.success) return { ok: false, fault: 'no-envelope', reason: 'the body is no envelope', plain: false, layers: [] }
  const { gamerPrivateKey, applicationPublicKey } = keys
  return openMessage(sealed.data, {
    outer: gamerPrivateKey && ((wrapped) => unwrapWithPrivate(wrapped, gamerPrivateKey)),
    inner: applicationPublicKey && ((wrapped) => unwrapWithPublic(wrapped, applicationPublicKey)),
  })
}

function inLines({ key, iv, blob }: Record<keyof Envelope, Buffer>): Envelope {
  return { blob: lines(blob), iv: lines(iv), key: lines(key) }
}

function lines(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{1,60}/g, '$&\n')
}
