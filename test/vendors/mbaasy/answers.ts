/** A timestamp as Mbaasy shows it. */
interface ShownTimestamp {
  ms: number
  utc: string
}

/** A purchase as Mbaasy shows it, with the members that tests look into by name. */
interface ShownPurchase {
  [member: string]: unknown
  id: string
  product_id: string
  entitlements: string[]
  current_period_end_at: ShownTimestamp
}

/** The body of an answer, with the members that tests look into by name; which of them are there depends on the answer. */
export interface ShownAnswer {
  [member: string]: unknown
  id: string
  errors: Record<string, unknown>
  updated_at: ShownTimestamp
  in_app_purchase: ShownPurchase
  in_app_purchases: ShownPurchase[]
}

/** An event in the body of a webhook. */
export interface ShownEvent {
  [member: string]: unknown
  name: string
  created_at: ShownTimestamp
  new_attributes: object
  data: ShownPurchase
}
