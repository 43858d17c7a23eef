import type { BareReceipt, PresentedReceipt } from '../../../contract.js'
import {
  formOf,
  isReceipt,
  isSignedToken,
  isUnityContainer,
  purchaseParts,
  type Form,
  type PurchaseParts,
} from '../../../receipts/forms.js'
import { parseObject } from '../../../receipts/json-object.js'
import { sealedForm } from '../../../receipts/ouya/messages.js'
import { parseUnityContainer, readUnityPayload, storeOfPayload, type UnityContainer } from '../../../receipts/unity.js'

/** A receipt as presented, recognised by its form. */
export interface Recognised {
  /** Layers around the receipt that should not be there, outermost first. */
  wrapping: readonly Form[]
  /** The receipt as a vendor gets it, wrapping included; absent if its kind is unknown. */
  presented?: PresentedReceipt
  found: FoundReceipt
}

/** Content of the wrapping. */
export type FoundReceipt =
  /** `container` if it came in a Unity container. */
  | { kind: 'receipt'; inner: BareReceipt; container?: ContainerHead }
  | { kind: 'other-store'; container: ContainerHead; members: Record<string, unknown>; reason: string }
  | { kind: 'unknown'; reason: string }

/** The outer layer of a Unity container. */
export interface ContainerHead {
  store: string | null
  transactionId: string | null
}

/**
 * Recognises a pasted receipt: a Google Play purchase with its signature, a Unity container as object or string, an App Store receipt in
 * Base64, the form of an OUYA purchase, or one of these in a wrapping that libraries or mistakes add. An object is read as its JSON.
 */
export function recognise(receipt: string | Record<string, unknown>): Recognised {
  const text = typeof receipt === 'string' ? receipt : JSON.stringify(receipt)
  const wrapping: Form[] = []
  for (let contents: string | PurchaseParts = text; ;) {
    const bare = typeof contents === 'string' ? bareIn(contents) : fromParts(contents)
    if (bare) return wrapped(bare, wrapping, text)
    // Parts are always a receipt, so this is a string.
    const form: Form | undefined = formOf(contents as string)
    if (form?.contents === undefined) return wrapped(unwrappable(contents as string), wrapping, text)
    if (wrapping.length === mostLayers) {
      return { wrapping, found: { kind: 'unknown', reason: `there are more than ${mostLayers} layers around it` } }
    }
    wrapping.push(form)
    contents = form.contents
  }
}

/** A receipt that needs no unwrapping, and the form in which vendors get it. */
type Bare = { found: FoundReceipt; presented?: PresentedReceipt }

const mostLayers = 4

function wrapped({ found, presented }: Bare, wrapping: readonly Form[], text: string): Recognised {
  if (presented === undefined) return { wrapping, found }
  if (wrapping.length === 0) return { wrapping, found, presented }
  const contents = presented.format === 'wrapped' ? presented.contents : presented
  return { wrapping, found, presented: { format: 'wrapped', text, contents } }
}

function fromParts(parts: PurchaseParts): Bare {
  return fromReceipt({ format: 'google_play', ...parts })
}

function fromReceipt(inner: BareReceipt): Bare {
  return { found: { kind: 'receipt', inner }, presented: inner }
}

/** Signed data of the App Store. Vendors that take receipts get it as a string that is not one. */
function fromSigned(text: string): Bare {
  const contents = { format: 'app_store', receipt: text } as const
  return {
    found: { kind: 'receipt', inner: { format: 'app_store_jws', jws: text.trim() } },
    presented: { format: 'wrapped', text, contents },
  }
}

/** Returns the receipt that a string is without unwrapping; undefined for every other string. */
function bareIn(text: string): Bare | undefined {
  if (text.trim() === '') return { found: { kind: 'unknown', reason: 'it is empty' } }
  if (isSignedToken(text)) return fromSigned(text)
  // Before forms: a JSON object can hold the text of one.
  const read = /^\s*\{/.test(text) ? parseObject(text) : undefined
  if (read?.ok) return bareObject(read.value, text)
  const form = sealedForm(text)
  return form && fromReceipt(form)
}

function bareObject(members: Record<string, unknown>, text: string): Bare | undefined {
  if (isUnityContainer(members)) return fromContainer(text)
  // The response of minting has the receipt and its Unity container side by side.
  const { unityReceipt, receipt, form, purchaseId, paymentId } = members
  if (typeof unityReceipt === 'string' && typeof receipt === 'string') return fromReceipt({ format: 'app_store', receipt })
  if (typeof unityReceipt === 'string' && typeof purchaseId === 'string') {
    return fromReceipt({ format: 'samsung', purchaseId, ...(typeof paymentId === 'string' && { paymentId }) })
  }
  const parts = purchaseParts(members)
  if (parts) return fromParts(parts)
  if (typeof unityReceipt === 'string') return fromContainer(unityReceipt)
  const sealed = typeof form === 'string' ? sealedForm(form) : undefined
  return sealed && fromReceipt(sealed)
}

/** Returns the result for a string that has no further wrapping. */
function unwrappable(text: string): Bare {
  const form = formOf(text)
  const read = parseObject(text)
  if (read.ok && typeof read.value['packageName'] === 'string')
    return fromReceipt({ format: 'google_play', purchaseData: text, signature: '', unsigned: { value: undefined } })
  if (!/^[\s\ufeff]*["{[]/.test(text)) {
    const inner = { format: 'app_store', receipt: text } as const
    const asSent = { format: 'wrapped', text, contents: inner } as const
    if (form === undefined && isProse(text)) return { found: { kind: 'unknown', reason: knownForms }, presented: asSent }
    // A string that is not a receipt is passed to the vendor as it is.
    return isReceipt(text) ? fromReceipt(inner) : { found: { kind: 'receipt', inner }, presented: asSent }
  }
  if (read.ok) return { found: { kind: 'unknown', reason: form ? `it is ${form.name}: ${form.advice}` : knownForms } }
  return { found: { kind: 'unknown', reason: 'it begins like JSON but is not a JSON object' } }
}

/** True for words with blanks between them. A receipt in Base64 whose "+" became blanks begins like DER or JSON-like text. */
function isProse(text: string): boolean {
  return /\S \S/.test(text) && !/^\s*(?:M[A-Z]|ew|e3)/.test(text)
}

function fromContainer(text: string): Bare {
  const presented = { format: 'unity', container: text } as const
  const container = parseUnityContainer(text)
  if (container.kind === 'not-json') return { found: { kind: 'unknown', reason: container.reason }, presented }
  const head = { store: container.store ?? null, transactionId: container.transactionId ?? null }
  const inner = innerOf({ ...container, store: container.store ?? storeOfPayload(container.payload) })
  if (typeof inner === 'object') return { found: { kind: 'receipt', inner, container: head }, presented }
  return { found: { kind: 'other-store', container: head, members: container.members, reason: inner }, presented }
}

/** Returns the receipt in a container, or the reason why it cannot be verified. */
function innerOf(container: Extract<UnityContainer, { kind: 'container' }>): BareReceipt | string {
  const payload = readUnityPayload(container)
  const { transactionId } = container
  switch (payload.kind) {
    case 'google-play':
      return {
        format: 'google_play',
        purchaseData: payload.json,
        signature: payload.signature,
        ...(payload.unsigned && { unsigned: payload.unsigned }),
        ...(transactionId !== undefined && { transactionId }),
      }
    case 'app-store':
      return { format: 'app_store', receipt: payload.receipt, ...(transactionId !== undefined && { transactionId }) }
    case 'samsung':
      return { format: 'samsung', purchaseId: payload.purchaseId, ...(transactionId !== undefined && { paymentId: transactionId }) }
    case 'unusable':
      return payload.reason
    default:
      return `receipts of ${container.store ?? 'an unnamed store'} are not verified here`
  }
}

const knownForms =
  'it is neither {"purchaseData","signature"}, {"json","signature"}, a Unity container, an App Store receipt in Base64 nor the form of an OUYA purchase'
