import type { MintedReceipt } from './presented.js'

/** The stores and consoles whose receipts are minted. */
export const receiptStores = ['google_play', 'app_store', 'samsung', 'ouya'] as const
export type ReceiptStore = (typeof receiptStores)[number]

/** Members that make a whole receipt of a store when nothing else is asked for; they fit the default seed. */
export const ordinaryReceipts: Readonly<Record<ReceiptStore, Readonly<Record<string, unknown>>>> = {
  google_play: { packageName: 'com.example.game', productId: 'gems.10' },
  app_store: { bundleId: 'com.example.game', productId: 'gems.10' },
  samsung: {},
  ouya: { package: 'tv.ouya.sample', identifier: 'awesome_sauce', username: 'player' },
}

/** A receipt of each kind without content. It shows which kinds a vendor takes; minting real ones would register purchases in every store. */
export const blankReceipts: { readonly [Store in ReceiptStore]: MintedReceipt } = {
  google_play: { store: 'google_play', members: {}, receipt: { purchaseData: '{}', signature: '', unityReceipt: '' } },
  app_store: { store: 'app_store', members: {}, receipt: { receipt: '', transactionId: '', unityReceipt: '' } },
  samsung: { store: 'samsung', members: {}, receipt: { purchaseId: '', paymentId: '', unityReceipt: '' } },
  ouya: { store: 'ouya', members: {}, receipt: { form: '', uuid: '' } },
}

/** Members that minting takes, of each store; for Google Play the fields of INAPP_PURCHASE_DATA that are known. */
export const receiptMembers: Readonly<Record<ReceiptStore, readonly string[]>> = {
  google_play: [
    'packageName',
    'productId',
    'productIds',
    'orderId',
    'purchaseTime',
    'purchaseState',
    'purchaseToken',
    'developerPayload',
    'quantity',
    'autoRenewing',
    'acknowledged',
    'obfuscatedAccountId',
    'obfuscatedProfileId',
    'subscription',
    'period',
    'priceMicros',
    'accountId',
    'customer',
    'register',
    'tamper',
  ],
  app_store: [
    'bundleId',
    'productId',
    'transactionId',
    'appVersion',
    'style',
    'environment',
    'items',
    'digest',
    'version',
    'period',
    'price',
    'currency',
    'storefront',
    'appAccountToken',
    'customer',
    'offer',
    'register',
    'tamper',
  ],
  samsung: [
    'paymentId',
    'orderId',
    'itemId',
    'app',
    'type',
    'period',
    'trial',
    'testPurchase',
    'pending',
    'priceMicros',
    'currencyCode',
    'countryCode',
    'customer',
    'accountId',
    'profileId',
    'passThrough',
  ],
  ouya: ['package', 'identifier', 'username', 'uuid', 'plain'],
}

/** Returns true if a string names one of the stores. */
export function isReceiptStore(text: string): text is ReceiptStore {
  return receiptStores.some((store) => store === text)
}

/** Returns true if only the sandbox that minted a receipt of this kind accepts it, because its tables hold the purchase or the keys. */
export function isBoundToSandbox(store: ReceiptStore): boolean {
  return store === 'samsung' || store === 'ouya'
}
