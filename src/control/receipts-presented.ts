import type { PresentedReceipt } from '../contract.js'
import { parseUnityContainer, readUnityPayload, type UnityContainer } from '../receipts/unity.js'

/**
 * A receipt recognised by its form. `inner` is what a Unity container holds, where that is something that can be judged; `presented`
 * is the receipt as a vendor would get it.
 */
export type Recognised =
  | { kind: 'receipt'; presented: PresentedReceipt; inner: Inner; container?: ContainerHead }
  | { kind: 'other-store'; presented: PresentedReceipt; container: ContainerHead; members: Record<string, unknown>; reason: string }
  | { kind: 'unknown'; reason: string }

type Inner = Exclude<PresentedReceipt, { format: 'unity' }>

/** What the outer layer of a Unity container says. */
export interface ContainerHead {
  store: string | null
  transactionId: string | null
}

/**
 * Recognises what somebody pasted: a Google Play purchase with its signature, a Unity container as object or text, an App Store
 * receipt in Base64, the form of an OUYA purchase. JSON in a text, and a lone member `receipt` around it, are looked into.
 */
export function recognise(receipt: unknown, levels: number = deepest): Recognised {
  if (typeof receipt === 'string') return recogniseText(receipt.trim(), levels)
  if (typeof receipt !== 'object' || receipt === null || Array.isArray(receipt)) return unknown
  const members = receipt as Record<string, unknown>
  const { purchaseData, json, signature, receipt: wrapped } = members
  if ('Payload' in members || 'Store' in members) return recogniseContainer(members)
  const signed = purchaseData ?? json
  if (typeof signed === 'string') {
    const presented = { format: 'google_play', purchaseData: signed, signature: typeof signature === 'string' ? signature : '' } as const
    return { kind: 'receipt', presented, inner: presented }
  }
  if (wrapped !== undefined && levels > 0) return recognise(wrapped, levels - 1)
  if (typeof members['packageName'] === 'string' && 'purchaseTime' in members) {
    // Purchase data alone, as people copy it out of a log; written again it is no longer the text that was signed.
    const presented = { format: 'google_play', purchaseData: JSON.stringify(members), signature: '' } as const
    return { kind: 'receipt', presented, inner: presented }
  }
  return unknown
}

function recogniseText(text: string, levels: number): Recognised {
  if (text === '') return { kind: 'unknown', reason: 'it is empty' }
  if (/^[{"]/.test(text)) {
    const parsed = levels > 0 ? parse(text) : undefined
    return parsed === undefined
      ? { kind: 'unknown', reason: 'it begins as JSON and cannot be read as that' }
      : recognise(parsed, levels - 1)
  }
  const presented = ouyaForm.test(text) ? ({ format: 'ouya', form: text } as const) : ({ format: 'app_store', receipt: text } as const)
  return { kind: 'receipt', presented, inner: presented }
}

function recogniseContainer(members: Record<string, unknown>): Recognised {
  const container = parseUnityContainer(members)
  if (container.kind === 'not-json') return { kind: 'unknown', reason: container.reason }
  const presented = { format: 'unity', container: JSON.stringify(members) } as const
  const head = { store: container.store ?? null, transactionId: container.transactionId ?? null }
  const inner = innerOf(container)
  if ('reason' in inner) return { kind: 'other-store', presented, container: head, members, reason: inner.reason }
  return { kind: 'receipt', presented, inner, container: head }
}

function innerOf(container: Extract<UnityContainer, { kind: 'container' }>): Inner | { reason: string } {
  const payload = readUnityPayload(container)
  switch (payload.kind) {
    case 'google-play':
      return { format: 'google_play', purchaseData: payload.json, signature: payload.signature }
    case 'app-store':
      return { format: 'app_store', receipt: payload.receipt }
    case 'samsung':
      return {
        format: 'samsung',
        purchaseId: payload.purchaseId,
        ...(container.transactionId !== undefined && { paymentId: container.transactionId }),
      }
    case 'unusable':
      return { reason: payload.reason }
    default:
      return { reason: `receipts of ${container.store ?? 'an unnamed store'} are not verified here` }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const ouyaForm = /(?:^|&)(?:key|iv|blob)=/
const deepest = 3
const unknown: Recognised = {
  kind: 'unknown',
  reason:
    'it is neither {"purchaseData","signature"}, {"json","signature"}, a Unity container, an App Store receipt in Base64 nor the form of an OUYA purchase',
}
