/** A moment as Mbaasy shows it. */
interface ShownMoment {
  ms: number
  utc: string
}

/** A purchase as Mbaasy shows it, with the members that tests look into by name. */
interface ShownPurchase {
  [member: string]: unknown
  id: string
  product_id: string
  entitlements: string[]
  current_period_end_at: ShownMoment
}

/** The body of an answer, with the members that tests look into by name; which of them are there depends on the answer. */
export interface ShownAnswer {
  [member: string]: unknown
  id: string
  errors: Record<string, unknown>
  updated_at: ShownMoment
  in_app_purchase: ShownPurchase
  in_app_purchases: ShownPurchase[]
}

/** An event as a webhook tells it. */
export interface ShownEvent {
  [member: string]: unknown
  name: string
  created_at: ShownMoment
  new_attributes: object
  data: ShownPurchase
}
