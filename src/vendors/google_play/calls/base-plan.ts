import type { StorePurchase } from '../../../marketplace/marketplace.js'

/** Base plan of a subscription; where the row names none, by the length of a period. */
export function basePlanOf({ basePlanId, period }: StorePurchase): string {
  return basePlanId ?? basePlans[period ?? 'P1M'] ?? 'base'
}

const basePlans: Readonly<Record<string, string>> = {
  P1W: 'weekly',
  P7D: 'weekly',
  P1M: 'monthly',
  P3M: 'quarterly',
  P6M: 'half-yearly',
  P1Y: 'yearly',
  P12M: 'yearly',
}
