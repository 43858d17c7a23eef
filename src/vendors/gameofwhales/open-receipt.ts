import { formClause, isUnityContainer } from '../../receipts/forms.js'
import { parseUnityContainer, readUnityPayload, type UnityContainer, type UnityPayload } from '../../receipts/unity.js'
import { shown } from './shown.js'

/** What a reported receipt holds, as far as a store can be asked about it. */
export type OpenedReceipt =
  | { kind: 'google-play'; json: string; signature: string }
  | { kind: 'app-store'; receipt: string }
  | { kind: 'samsung'; purchaseId: string }
  /** Names a store that could be asked, but there is nothing to ask with. */
  | { kind: 'unusable'; store: string; reason: string }
  /** Of a store that the vendor does not verify. */
  | { kind: 'unverified-store'; store: string; absences: string }
  /** No container at all. */
  | { kind: 'unreadable'; reason: string }

/** How a receipt came. */
export interface Presented {
  receipt: string
  /** Whose it is when the container names no store. */
  fallbackStore: string
  /** Whether the inner Payload may come alone, as the vendor's SDKs send it to `purchase`. */
  mayBeBare: boolean
}

/** Opens a receipt "in UnityPurchasing format"; which store is asked the container says first. */
export function openReceipt({ receipt, fallbackStore, mayBeBare }: Presented): OpenedReceipt {
  const container = parseUnityContainer(receipt, fallbackStore)
  if (container.kind === 'container') {
    const isBare = mayBeBare && !Object.hasOwn(container.members, 'Payload') && !Object.hasOwn(container.members, 'Store')
    const opened = isBare ? { ...container, payload: receipt } : container
    return sorted(opened.store ?? fallbackStore, readUnityPayload(opened), isBare ? '' : absencesIn(container, receipt))
  }
  // Apple's payload is Base64, so that alone it is no JSON.
  if (mayBeBare && fallbackStore === 'AppleAppStore' && receipt.trim() !== '') return { kind: 'app-store', receipt }
  if (mayBeBare && !verifiedStores.includes(fallbackStore)) return { kind: 'unverified-store', store: fallbackStore, absences: '' }
  return { kind: 'unreadable', reason: `${container.reason}${formClause(receipt)}` }
}

/** What a container lacks, in a clause behind the reason for its verdict: a text in another form, or a store it does not name. */
function absencesIn({ members, store }: Extract<UnityContainer, { kind: 'container' }>, receipt: string): string {
  if (!isUnityContainer(members)) {
    return `; the receipt has neither "Store" nor "Payload"${formClause(receipt)}`
  }
  return Object.hasOwn(members, 'Store') ? '' : `; the container names no "Store", so the store is ${shown(store)}, as the event says`
}

/** As `common.store` and containers both call them. */
const verifiedStores: readonly string[] = ['AppleAppStore', 'GooglePlay', 'SamsungApps']

function sorted(store: string, payload: UnityPayload, absences: string): OpenedReceipt {
  switch (payload.kind) {
    case 'google-play':
    case 'app-store':
    case 'samsung':
      return payload
    case 'unusable':
      return { kind: 'unusable', store, reason: `${payload.reason}${absences}` }
    default:
      return { kind: 'unverified-store', store, absences }
  }
}
