/** The stores and consoles whose receipts are minted. */
export const receiptStores = ['google_play', 'app_store', 'samsung', 'ouya'] as const
export type ReceiptStore = (typeof receiptStores)[number]

/** Members that make a whole receipt of a store when nothing else is asked for; they fit the default seed. */
export const ordinaryReceipts: Readonly<Record<ReceiptStore, Readonly<Record<string, unknown>>>> = {
  google_play: { packageName: 'com.example.game', productId: 'gems.10' },
  app_store: { bundleId: 'com.example.game', productId: 'gems.10' },
  samsung: {},
  ouya: { package: 'tv.ouya.sample', identifier: 'sharp_axe', username: 'player' },
}

/** Whether a text names one of them. */
export function isReceiptStore(text: string): text is ReceiptStore {
  return receiptStores.some((store) => store === text)
}
