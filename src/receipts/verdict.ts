/** The steps a store takes when it judges a receipt, in the order in which people expect to read them. */
export type CheckName = 'parse' | 'signature' | 'chain' | 'app' | 'product' | 'transaction' | 'store'

/** One step: passed, failed, or `null` when there was nothing to check it with (no key, no configured app). */
export interface Check {
  name: CheckName
  ok: boolean | null
  detail: string
}

/** Result of verifying a receipt. `claims` are present if the receipt could be read, even if its signature is invalid. */
export interface Verdict<Claims> {
  ok: boolean
  claims?: Claims
  checks: Check[]
}

/** A verdict over checks: ok when something was checked and nothing failed or was left open. */
export function verdict<Claims>(checks: Check[], claims?: Claims): Verdict<Claims> {
  const ok = checks.length > 0 && checks.every((check) => check.ok === true)
  return claims === undefined ? { ok, checks } : { ok, claims, checks }
}

/** The first check that failed, for a sentence that says why. */
export function firstFailure(checks: readonly Check[]): Check | undefined {
  return checks.find((check) => check.ok === false)
}

/** Returns the result of a named step: passed, failed (`false`) or not taken (`undefined` or `null`). */
export function outcomeOf(checks: readonly Check[], name: CheckName): boolean | null | undefined {
  return checks.find((check) => check.name === name)?.ok
}
