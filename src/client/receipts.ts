import type { ControlClient } from './control-client.js'

/** How a minted receipt is spoiled: one changed bit of the signature, changed data, or a key that nobody trusts. */
export type Tamper = 'signature' | 'data' | 'key'

/** Mints receipts that are as good as real ones to a sandbox, and looks into any receipt. */
export interface Receipts {
  /** A signed Google Play purchase; any INAPP_PURCHASE_DATA field may be given. */
  googlePlay(purchase: {
    packageName: string
    productId: string
    subscription?: boolean
    tamper?: Tamper
    [field: string]: unknown
  }): Promise<GooglePlayReceipt>
  /** An App Store receipt, by default of the unified style. */
  appStore(receipt: {
    bundleId: string
    productId: string
    transactionId?: string
    style?: 'unified' | 'transaction'
    environment?: 'Production' | 'ProductionSandbox' | 'Xcode'
    items?: Record<string, unknown>[]
    tamper?: Tamper
  }): Promise<AppStoreReceipt>
  /** A Samsung purchase, known to the simulated store. */
  samsung(purchase?: { paymentId?: string; itemId?: string; app?: string }): Promise<SamsungReceipt>
  /** What a console would send to buy. */
  ouya(purchase: {
    package: string
    identifier: string
    username: string
    uuid?: string
    plain?: boolean
  }): Promise<{ form: string; uuid: string }>
  /** Opens what OUYA answered, as console and game would. */
  openOuya(reply: { username: string; package: string; body: unknown }): Promise<unknown>
  inspect(receipt: unknown): Promise<Inspection>
}

export interface GooglePlayReceipt {
  purchaseData: string
  signature: string
  licenseKey: string
  unityReceipt: string
  warnings: string[]
}

export interface AppStoreReceipt {
  receipt: string
  transactionId: string
  unityReceipt: string
  /** PEM of the root to trust. */
  root: string
}

export interface SamsungReceipt {
  purchaseId: string
  paymentId: string
  unityReceipt: string
}

/**
 * Claims and checks of a receipt, and the answer of each vendor to exactly what was presented; `unwrapped` tells of the answer to what
 * is in it, if that is another.
 */
export interface Inspection {
  format: string
  claims: unknown
  checks: { name: string; ok: boolean | null; detail: string }[]
  vendors: { vendor: string; answer: string; unwrapped?: string }[]
}

/** Receipts over a control client. */
export function receiptsOf(client: ControlClient): Receipts {
  return {
    googlePlay: (purchase) => client.call('POST', 'receipts/google_play', purchase),
    appStore: (receipt) => client.call('POST', 'receipts/app_store', receipt),
    samsung: (purchase = {}) => client.call('POST', 'receipts/samsung', purchase),
    ouya: (purchase) => client.call('POST', 'receipts/ouya', purchase),
    openOuya: (reply) => client.call('POST', 'receipts/ouya/open', reply),
    inspect: (receipt) => client.call('POST', 'receipts/inspect', { receipt }),
  }
}
