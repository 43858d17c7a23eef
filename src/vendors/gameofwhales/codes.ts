import { countries } from 'countries-list'
import { currencyCodes } from '../../kernel/currencies.js'
import { once } from '../../kernel/once.js'

// The package has them besides the 249 official codes: one is user-assigned, two are exceptionally reserved.
const unofficial = new Set(['XK', 'AC', 'TA'])

/** Values of `common.country`: the official ISO 3166-1 codes, and `00` for unknown. */
export const countryCodes: ReadonlySet<string> = new Set([...Object.keys(countries).filter((code) => !unofficial.has(code)), '00'])

/** Codes of ISO 4217, and those that the platform knows besides, such as withdrawn ones. */
const knownCodes = once((): ReadonlySet<string> => new Set([...currencyCodes(), ...Intl.supportedValuesOf('currency')]))

/** True for a known currency code. The vendor's page asks for a code and does not say that others are refused. */
export function isCurrencyCode(text: string): boolean {
  return knownCodes().has(text)
}
