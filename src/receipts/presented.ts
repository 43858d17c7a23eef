/** A receipt as somebody presents it for inspection. */
export type PresentedReceipt =
  | { format: 'google_play'; purchaseData: string; signature: string }
  | { format: 'app_store'; receipt: string }
  | { format: 'samsung'; purchaseId: string; paymentId?: string }
  | { format: 'unity'; container: string }
  | { format: 'ouya'; form: string }
