import type { TransactionScope } from './transaction-scope.js'
import { isFound } from '../patterns.js'
import type { AppFamily } from '../tables.js'

/** The entitlements of a product, `entitlement/offering`: matched when the product is first seen, and the same ever after (vendor page). */
export async function entitlementsOf({ db }: TransactionScope, appFamilyId: string, productId: string): Promise<string[]> {
  const seen = await db.products.get(appFamilyId, productId)
  if (seen) return seen.entitlements
  const family = await db.appFamilies.get(appFamilyId)
  const entitlements = matches(family?.entitlements ?? {}, productId)
  db.products.put({ appFamilyId, productId, entitlements })
  return entitlements
}

function matches(patterns: NonNullable<AppFamily['entitlements']>, productId: string): string[] {
  if (productId.length > longestProductId) return []
  return Object.entries(patterns).flatMap(([entitlement, offerings]) =>
    Object.entries(offerings)
      .filter(([, alternatives]) => alternatives.some((pattern) => isFound(pattern, productId)))
      .map(([offering]) => `${entitlement}/${offering}`),
  )
}

/** Limit of product ids that are matched; no store allows longer ones. */
const longestProductId = 256
