import type { MintedReceipt, ReceiptRequest } from '../../contract.js'

/** Returns the request by which a client uploads a receipt, with the token of the default seed. */
export function present(minted: MintedReceipt): ReceiptRequest | undefined {
  if (minted.store === 'google_play') {
    const { purchaseData, signature } = minted.receipt
    return upload('google_play/purchase_orders', { purchase_data: purchaseData, purchase_signature: signature })
  }
  if (minted.store === 'app_store') return upload('itunes_connect/receipts', { receipt: minted.receipt.receipt })
  return undefined
}

function upload(path: string, body: object): ReceiptRequest {
  return {
    path: `/client/${path}`,
    headers: { 'Content-Type': 'application/json', Authorization: 'Bearer test-token' },
    body: JSON.stringify(body),
  }
}
