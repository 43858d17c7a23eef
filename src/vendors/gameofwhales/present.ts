import type { MintedReceipt, ReceiptRequest } from '../../contract.js'

type StoreReceipt = Exclude<MintedReceipt, { store: 'ouya' }>

/** Returns the request by which the game `sandbox-game` of the default seed reports a receipt. */
export function present(minted: MintedReceipt): ReceiptRequest | undefined {
  if (minted.store === 'ouya') return undefined
  const { platform, store } = shops[minted.store]
  const common = { country: 'US', locale: 'en_US', platform, store, version: '1.0.0' }
  const event = { currency: 'USD', price: 199, transactionId: transactionOf(minted), receipt: minted.receipt.unityReceipt }
  const body = JSON.stringify({ game: 'sandbox-game', user: 'player-1', common, event })
  return { path: '/receipt', headers: { 'Content-Type': 'application/json' }, body, container: 'unity' }
}

const shops = {
  google_play: { platform: 'android', store: 'GooglePlay' },
  app_store: { platform: 'ios', store: 'AppleAppStore' },
  samsung: { platform: 'android', store: 'SamsungApps' },
} as const

function transactionOf(minted: StoreReceipt): string {
  if (minted.store === 'app_store') return minted.receipt.transactionId
  if (minted.store === 'samsung') return minted.receipt.paymentId
  const { orderId, purchaseToken } = JSON.parse(minted.receipt.purchaseData) as { orderId?: string; purchaseToken?: string }
  return orderId ?? purchaseToken ?? 'unknown'
}
