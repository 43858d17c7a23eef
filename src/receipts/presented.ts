/** The receipt of one store. `transactionId` is the id that a container named beside it. */
export type BareReceipt =
  | { format: 'google_play'; purchaseData: string; signature: string; transactionId?: string }
  | { format: 'app_store'; receipt: string; transactionId?: string }
  | { format: 'samsung'; purchaseId: string; paymentId?: string }
  | { format: 'ouya'; form: string }

/** A receipt as it is presented for inspection: bare, in a Unity container, or as a text with something else around it. */
export type PresentedReceipt =
  | BareReceipt
  | { format: 'unity'; container: string }
  /** The text that a vendor would get in place of a receipt, and what is in it. */
  | { format: 'wrapped'; text: string; contents: BareReceipt | { format: 'unity'; container: string } }
