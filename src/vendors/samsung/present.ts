import type { MintedReceipt, ReceiptRequest } from '../../contract.js'

/** Returns the request by which a game's server verifies a minted purchase. */
export function present(minted: MintedReceipt): ReceiptRequest | undefined {
  if (minted.store !== 'samsung') return undefined
  return { method: 'GET', path: `/iap/v6/receipt?purchaseID=${minted.receipt.purchaseId}`, headers: {}, body: '' }
}
