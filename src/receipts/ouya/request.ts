import type { KeyObject } from 'node:crypto'
import { unwrapWithPrivate, unwrapWithPublic, wrapWithPrivate, wrapWithPublic } from './cipher.js'
import { type Envelope, sealLayer } from './envelope.js'
import { openMessage, type OpenedMessage } from './open.js'

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
