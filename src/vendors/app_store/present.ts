import type { MintedReceipt, ReceiptRequest } from '../../contract.js'
import { realTime } from '../../kernel/clock.js'
import { connectToken, seededConnect } from '../../receipts/app-store/jws/connect-token.js'

/** Returns the request by which a game's server verifies a receipt, and the one by which it asks about the transaction, with the credentials of the default seed. */
export function present(minted: MintedReceipt): ReceiptRequest | undefined {
  if (minted.store !== 'app_store') return undefined
  const { environment, bundleId } = minted.members
  const prefix = environment === undefined || environment === 'Production' ? '' : '/sandbox'
  const { receipt, transactionId } = minted.receipt
  const token = connectToken(new Date(realTime()), typeof bundleId === 'string' ? { bundleId } : {})
  return {
    path: `${prefix}/verifyReceipt`,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ 'receipt-data': receipt, password: seededConnect.sharedSecret }),
    lookUp: { path: `${prefix}/inApps/v1/transactions/${transactionId}`, headers: { Authorization: `Bearer ${token}` } },
  }
}
