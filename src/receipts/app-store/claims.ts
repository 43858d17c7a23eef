import type { Check } from '../verdict.js'
import type { itemFields, receiptFields, Values } from './fields.js'

/** One purchase in a receipt of either style. */
export type AppStoreItem = Values<typeof itemFields>

/** Claims of an App Store receipt, with the same names for both styles. */
export interface AppStoreClaims extends Values<typeof receiptFields> {
  style: 'unified' | 'transaction'
  environment: AppStoreEnvironment
  items: AppStoreItem[]
}

/** Which of Apple's two worlds a receipt is from. */
export type AppStoreEnvironment = 'production' | 'sandbox'

/** Known facts about the purchase; each given member becomes a check. */
export interface AppStoreExpectation {
  bundleId?: string
  transactionId?: string
}

/** Meanings of attribute 1707 (checked on genuine receipts); 4 was seen for a free subscription. */
export const itemTypes = { 'non-consumable': 0, consumable: 1, 'non-renewing': 2, 'auto-renewable': 3 } as const

/**
 * `Production` is production, everything else (`ProductionSandbox`, `ProductionVPP`, `Sandbox`, `Xcode`) is the sandbox. For
 * `ProductionVPP`, a volume purchase, this is inferred from the vendor's own decoder, which compares with `Production` alone.
 */
export function environmentOf(receiptType: string): AppStoreEnvironment {
  return receiptType === 'Production' ? 'production' : 'sandbox'
}

/** The checks of a receipt's content against what the caller expects. */
export function expectationChecks(claims: AppStoreClaims, { bundleId, transactionId }: AppStoreExpectation = {}): Check[] {
  return [
    ...(bundleId === undefined ? [] : [appCheck(claims, bundleId)]),
    ...(transactionId === undefined ? [] : [transactionCheck(claims, transactionId)]),
  ]
}

function appCheck(claims: AppStoreClaims, bundleId: string): Check {
  const ok = claims.bundleId === bundleId
  const detail = ok ? `bundle id ${bundleId}` : `bundle id ${shown(claims.bundleId)}, expected ${bundleId}`
  return { name: 'app', ok, detail }
}

function transactionCheck({ items }: AppStoreClaims, transactionId: string): Check {
  const ok = items.some((item) => item.transactionId === transactionId)
  const renewals = items.filter((item) => item.originalTransactionId === transactionId)
  const some = items.slice(0, 3).map((item) => shown(item.transactionId))
  const seen = items.length === 0 ? 'no purchases' : `${some.join(', ')}${items.length > 3 ? ` and ${items.length - 3} more` : ''}`
  const hint =
    renewals.length === 0
      ? ''
      : `; ${transactionId} is the original transaction id of ${shown(renewals.at(-1)?.transactionId)}: report the transaction id of the renewal itself`
  const detail = ok ? `holds transaction ${transactionId}` : `does not hold transaction ${transactionId}; it holds ${seen}${hint}`
  return { name: 'transaction', ok, detail }
}

function shown(text: string | undefined): string {
  return text === undefined ? 'missing' : text.slice(0, 100)
}
