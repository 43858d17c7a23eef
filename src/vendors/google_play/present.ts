import type { MintedReceipt, ReceiptRequest } from '../../contract.js'

/** Returns the call by which a game's server asks about a minted purchase, with the bearer of the default seed. */
export function present(minted: MintedReceipt): ReceiptRequest | undefined {
  if (minted.store !== 'google_play') return undefined
  const data = JSON.parse(minted.receipt.purchaseData) as Partial<Record<'packageName' | 'productId' | 'purchaseToken', string>> & {
    autoRenewing?: boolean
  }
  const token = encodeURIComponent(data.purchaseToken ?? '')
  const path =
    data.autoRenewing === undefined
      ? `purchases/products/${encodeURIComponent(data.productId ?? '')}/tokens/${token}`
      : `purchases/subscriptionsv2/tokens/${token}`
  return {
    method: 'GET',
    path: `/androidpublisher/v3/applications/${encodeURIComponent(data.packageName ?? '')}/${path}`,
    headers: { Authorization: 'Bearer ya29.sandbox' },
    body: '',
  }
}
