import type { BareReceipt, PresentedReceipt } from '../../../contract.js'
import { formOf, isReceipt, isUnityContainer, purchaseParts, type Form, type PurchaseParts } from '../../../receipts/forms.js'
import { readJsonObject } from '../../../receipts/json-object.js'
import { parseUnityContainer, readUnityPayload, storeOfPayload, type UnityContainer } from '../../../receipts/unity.js'

/** A receipt as presented, recognised by its form. */
export interface Recognised {
  /** What is around the receipt, outermost first, and has no place there. */
  wrapping: readonly Form[]
  /** The receipt as a vendor gets it, wrapping included; absent if nothing is known of it. */
  presented?: PresentedReceipt
  found: FoundReceipt
}

/** What was found inside of the wrapping. */
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
 * Recognises a pasted receipt: a Google Play purchase with its signature, a Unity container as object or text, an App Store receipt in
 * Base64, the form of an OUYA purchase, or one of these in a wrapping that libraries and mistakes put around it. An object counts as
 * its JSON text.
 */
export function recognise(receipt: string | Record<string, unknown>): Recognised {
  const text = typeof receipt === 'string' ? receipt : JSON.stringify(receipt)
  const wrapping: Form[] = []
  for (let contents: string | PurchaseParts = text; ;) {
    const bare = typeof contents === 'string' ? bareIn(contents) : fromParts(contents)
    if (bare) return wrapped(bare, wrapping, text)
    // Parts are always a receipt, so that only text comes here.
    const form: Form | undefined = formOf(contents as string)
    if (form?.contents === undefined) return wrapped(unwrappable(contents as string), wrapping, text)
    if (wrapping.length === mostLayers) {
      return { wrapping, found: { kind: 'unknown', reason: `there are more than ${mostLayers} layers around it` } }
    }
    wrapping.push(form)
    contents = form.contents
  }
}

/** A receipt that needs no unwrapping, and how vendors get it. */
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

/** The receipt that a text is as it stands; undefined for everything else. */
function bareIn(text: string): Bare | undefined {
  if (text.trim() === '') return { found: { kind: 'unknown', reason: 'it is empty' } }
  if (ouyaForm.test(text)) return fromReceipt({ format: 'ouya', form: text.trim() })
  const read = /^\s*\{/.test(text) ? readJsonObject(text) : undefined
  if (read?.ok) return bareObject(read.value, text)
  return undefined
}

function bareObject(members: Record<string, unknown>, text: string): Bare | undefined {
  if (isUnityContainer(members)) return fromContainer(text)
  // Minting answers with the receipt and its Unity container side by side.
  const { unityReceipt, receipt, form } = members
  if (typeof unityReceipt === 'string' && typeof receipt === 'string') return fromReceipt({ format: 'app_store', receipt })
  const parts = purchaseParts(members)
  if (parts) return fromParts(parts)
  if (typeof unityReceipt === 'string') return fromContainer(unityReceipt)
  if (typeof form === 'string' && ouyaForm.test(form)) return fromReceipt({ format: 'ouya', form })
  return undefined
}

/** What is left when no wrapping comes off any more. */
function unwrappable(text: string): Bare {
  const form = formOf(text)
  const read = readJsonObject(text)
  if (read.ok && typeof read.value['packageName'] === 'string')
    return fromReceipt({ format: 'google_play', purchaseData: text, signature: '' })
  if (!/^[\s\ufeff]*["{[]/.test(text)) {
    const inner = { format: 'app_store', receipt: text } as const
    // Only a receipt is put into a container; a text that is none is what the vendor gets.
    return isReceipt(text)
      ? fromReceipt(inner)
      : { found: { kind: 'receipt', inner }, presented: { format: 'wrapped', text, contents: inner } }
  }
  if (read.ok) return { found: { kind: 'unknown', reason: form ? `it is ${form.name}: ${form.advice}` : knownForms } }
  return { found: { kind: 'unknown', reason: 'it begins as JSON and cannot be read as a JSON object' } }
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

/** The receipt in a container, or why there is none to be judged. */
function innerOf(container: Extract<UnityContainer, { kind: 'container' }>): BareReceipt | string {
  const payload = readUnityPayload(container)
  const { transactionId } = container
  switch (payload.kind) {
    case 'google-play':
      return {
        format: 'google_play',
        purchaseData: payload.json,
        signature: payload.signature,
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

const ouyaForm = /(?:^|&)(?:key|iv|blob)=/
const knownForms =
  'it is neither {"purchaseData","signature"}, {"json","signature"}, a Unity container, an App Store receipt in Base64 nor the form of an OUYA purchase'
