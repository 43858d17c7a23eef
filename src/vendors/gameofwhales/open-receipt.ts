import { nameOfKind } from '../../kernel/body.js'
import { formClause, isUnityContainer, type Unsigned } from '../../receipts/forms.js'
import { parseUnityContainer, readUnityPayload, type UnityContainer, type UnityPayload } from '../../receipts/unity.js'
import { show } from '../../kernel/show.js'

/** The part of a reported receipt that a store can check. */
export type OpenedReceipt =
  /** `signaturePath`: the members of the receipt that lead to its signature. */
  | { kind: 'google-play'; json: string; signature: string; unsigned?: Unsigned; signaturePath: readonly string[] }
  | { kind: 'app-store'; receipt: string }
  | { kind: 'samsung'; purchaseId: string }
  /** Names a verified store, but the payload has nothing to check. */
  | { kind: 'unusable'; store: string; reason: string }
  /** From a store that the vendor does not verify. */
  | { kind: 'unverified-store'; store: string; absences: string }
  /** Not a container. */
  | { kind: 'unreadable'; reason: string }

/** A receipt with the circumstances of its report. */
export interface Presented {
  receipt: string
  /** Store of a container that names no store. */
  fallbackStore: string
  /** Member of the request that names the fallback store. */
  fallbackMember: 'common.store' | 'event.store'
  /** True if the inner Payload may come alone, as the vendor's SDKs send it to `purchase`. */
  mayBeBare: boolean
}

/** Opens a receipt "in UnityPurchasing format". The store of the container precedes the fallback store. */
export function openReceipt(presented: Presented): OpenedReceipt {
  const { receipt, fallbackStore, mayBeBare } = presented
  const container = parseUnityContainer(receipt, fallbackStore)
  if (container.kind === 'container') {
    const isBare = mayBeBare && !Object.hasOwn(container.members, 'Payload') && !Object.hasOwn(container.members, 'Store')
    const opened = isBare ? { ...container, payload: receipt } : container
    const payload = readUnityPayload(opened)
    if (payload.kind === 'google-play') return { ...payload, signaturePath: isBare ? ['signature'] : ['Payload', 'signature'] }
    return sorted(opened.store ?? fallbackStore, payload, isBare ? '' : absencesIn(container, presented))
  }
  // Apple's payload is Base64, so a bare one is not JSON.
  if (mayBeBare && fallbackStore === 'AppleAppStore' && receipt.trim() !== '') return { kind: 'app-store', receipt }
  if (mayBeBare && !verifiedStores.includes(fallbackStore)) return { kind: 'unverified-store', store: fallbackStore, absences: '' }
  return { kind: 'unreadable', reason: `${container.reason}${formClause(receipt)}` }
}

/** A clause about members of a container that are missing or of another kind, for the end of the reason; empty if there is none. */
function absencesIn({ members, store }: Extract<UnityContainer, { kind: 'container' }>, { receipt, fallbackMember }: Presented): string {
  if (!isUnityContainer(members)) {
    return `; the receipt has neither "Store" nor "Payload"${formClause(receipt)}`
  }
  const { Store } = members
  if (typeof Store === 'string' && Store !== '') return ''
  const fault = Store === undefined ? 'the container names no "Store"' : `"Store" is ${Store === '' ? 'empty' : nameOfKind(Store)}`
  return `; ${fault}, so the store is that of ${fallbackMember}, ${show(store)}`
}

/** Store names that `common.store` and containers share. */
const verifiedStores: readonly string[] = ['AppleAppStore', 'GooglePlay', 'SamsungApps']

function sorted(store: string, payload: Exclude<UnityPayload, { kind: 'google-play' }>, absences: string): OpenedReceipt {
  switch (payload.kind) {
    case 'app-store':
    case 'samsung':
      return payload
    case 'unusable':
      return { kind: 'unusable', store, reason: `${payload.reason}${absences}` }
    default:
      return { kind: 'unverified-store', store, absences }
  }
}
