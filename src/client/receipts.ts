import type { ControlClient } from './control-client.js'

/** Ways to forge a minted receipt: one changed bit of the signature, changed data, or a key that is not trusted. */
export type Tamper = 'signature' | 'data' | 'key'

/** Mints receipts that a sandbox accepts like real ones, and inspects any receipt. */
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
    /** ISO 8601 duration; the purchase is then an auto-renewable subscription. */
    period?: string
    price?: number
    currency?: string
    storefront?: string
    appAccountToken?: string
    /** Purchases with the same customer belong to one account of the store. */
    customer?: string
    offer?: { type: number; identifier?: string; discountType?: string; period?: string }
    /** False: the store does not learn of the purchase. */
    register?: boolean
    tamper?: Tamper
  }): Promise<AppStoreReceipt>
  /** A Samsung purchase, known to the simulated store. */
  samsung(purchase?: {
    paymentId?: string
    orderId?: string
    itemId?: string
    app?: string
    type?: 'product' | 'subscription'
    /** ISO 8601 duration of one subscription period. */
    period?: string
    trial?: boolean
    testPurchase?: boolean
    pending?: boolean
    priceMicros?: number
    currencyCode?: string
    countryCode?: string
    /** Purchases with the same customer belong to one account of the store. */
    customer?: string
    accountId?: string
    profileId?: string
    passThrough?: string
  }): Promise<SamsungReceipt>
  /** The form that a console sends to buy. */
  ouya(purchase: {
    package: string
    identifier: string
    username: string
    uuid?: string
    plain?: boolean
  }): Promise<{ form: string; uuid: string }>
  /** Decrypts a reply of OUYA, as console and game do. */
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
  originalTransactionId?: string
  /** A JWS for each item. This and the following members need the vendor `app_store`. */
  signedTransactions?: string[]
  signedRenewalInfo?: string
  signedAppTransaction?: string
  /** PEM of the root to trust for JWS. */
  jwsRoot?: string
  /** Tokens of the rows that were added to `marketplace.purchases`. */
  registered?: string[]
}

export interface SamsungReceipt {
  purchaseId: string
  paymentId: string
  orderId: string
  unityReceipt: string
}

/**
 * Claims and checks of a receipt, and the reply of each vendor to exactly what was presented. `unwrapped` is the reply to the receipt
 * inside, if it differs.
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
