import type { Unsigned } from './forms.js'

/** The receipt of one store. `transactionId` is the id that a container named beside it. */
export type BareReceipt =
  | { format: 'google_play'; purchaseData: string; signature: string; transactionId?: string; unsigned?: Unsigned }
  | { format: 'app_store'; receipt: string; transactionId?: string }
  /** Signed data of the App Store: a transaction, a renewal info, an app transaction or a notification. */
  | { format: 'app_store_jws'; jws: string }
  | { format: 'samsung'; purchaseId: string; paymentId?: string }
  | { format: 'ouya'; form: string }

/** A receipt as it is presented for inspection: bare, in a Unity container, or as a string with something else around it. */
export type PresentedReceipt =
  | BareReceipt
  | { format: 'unity'; container: string }
  /** The string that a vendor would get in place of a receipt, and its contents. */
  | { format: 'wrapped'; text: string; contents: BareReceipt | { format: 'unity'; container: string } }

/** A minted receipt with the members that were requested. */
export type MintedReceipt = { members: Readonly<Record<string, unknown>> } & (
  | { store: 'google_play'; receipt: { purchaseData: string; signature: string; unityReceipt: string } }
  | { store: 'app_store'; receipt: { receipt: string; transactionId: string; unityReceipt: string } }
  | { store: 'samsung'; receipt: { purchaseId: string; paymentId: string; orderId?: string; unityReceipt: string } }
  | { store: 'ouya'; receipt: { form: string; uuid: string } }
)

/** The request by which a game or its server presents a receipt to a vendor. */
export interface ReceiptRequest {
  /** Absent: POST. */
  method?: 'GET' | 'POST'
  /** Below the prefix of the vendor. */
  path: string
  headers: Readonly<Record<string, string>>
  /** Empty for GET. */
  body: string
  /** The container that the body carries the receipt in, if it does. */
  container?: 'unity'
  /** A request without a body by which the same server asks about the purchase afterwards. */
  lookUp?: { path: string; headers: Readonly<Record<string, string>> }
}
