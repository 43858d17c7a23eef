import type { BareReceipt } from '../presented.js'
import type { KeyObject } from 'node:crypto'
import { unwrapWithPrivate, unwrapWithPublic, wrapWithPrivate, wrapWithPublic } from './cipher.js'
import { type Envelope, sealLayer, envelope } from './envelope.js'
import { openMessage, type OpenedMessage } from './open.js'
import { parseObject } from '../json-object.js'

/** Keys that seal a request: the game's part with the application key, the console's with the gamer key; a plain one needs neither. */
export type RequestKeys = { plain: true } | { plain?: false; gamerPrivateKey: KeyObject; applicationPublicKey: KeyObject }

/** A sealed purchase request: the three form fields, and the inner envelope as the game hands it to the console. */
export interface SealedRequest {
  form: Envelope
  inner: string
}

/** Plays game and console: seals a purchase payload twice, spelled as the SDK and the console framework spell it. */
export function sealRequest(payload: string, keys: RequestKeys & { random: (size: number) => Buffer }): SealedRequest {
  const wrapInner = keys.plain ? 'plain' : (aesKey: Buffer) => wrapWithPublic(aesKey, keys.applicationPublicKey)
  const wrapOuter = keys.plain ? 'plain' : (aesKey: Buffer) => wrapWithPrivate(aesKey, keys.gamerPrivateKey)
  const game = unbroken(sealLayer(payload, wrapInner, keys.random))
  const inner = `{ "key" : "${game.key}", "iv" : "${game.iv}", "blob" : "${game.blob}" }`
  return { form: unbroken(sealLayer(inner, wrapOuter, keys.random)), inner }
}

/**
 * Opens a purchase request as the store does. `fault` decides the reply: `outer` and `no-envelope` ask the console for new keys
 * (9000), `inner` is a bad parameter (1001). A key that is not known is null; the layer then does not open.
 */
export function openRequest(
  form: Envelope,
  keys: { gamerPublicKey: KeyObject | null; applicationPrivateKey: KeyObject | null },
): OpenedMessage {
  const { gamerPublicKey, applicationPrivateKey } = keys
  return openMessage(form, {
    outer: gamerPublicKey && ((wrapped) => unwrapWithPublic(wrapped, gamerPublicKey)),
    inner: applicationPrivateKey && ((wrapped) => unwrapWithPrivate(wrapped, applicationPrivateKey)),
  })
}

function unbroken({ key, iv, blob }: Record<keyof Envelope, Buffer>): Envelope {
  return { key: key.toString('base64'), iv: iv.toString('base64'), blob: blob.toString('base64') }
}

/** Keys that seal a reply: inside with the application key, outside for the gamer's console; a plain one needs neither. */
type ResponseKeys = { plain: true } | { plain?: false; gamerPublicKey: KeyObject; applicationPrivateKey: KeyObject }

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
  if (!read.ok) return { ok: false, fault: 'no-envelope', reason: `the body ${read.reason}`, members: [], plain: false, layers: [] }
  // The console framework prefers a member "payload" to "blob"; the recorded answers only ever had "blob".
  const sealed = envelope.safeParse({ ...read.value, blob: read.value.payload ?? read.value.blob })
  if (!sealed.success) return { ok: false, fault: 'no-envelope', reason: 'the body is no envelope', members: [], plain: false, layers: [] }
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

/** Returns the receipt that a string is if it has the fields of a sealed form, else undefined. */
export function sealedForm(text: string): BareReceipt | undefined {
  return /(?:^|&)(?:key|iv|blob)=/.test(text) ? { format: 'ouya', form: text } : undefined
}
