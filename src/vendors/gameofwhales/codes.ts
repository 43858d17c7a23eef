import { countries } from 'countries-list'
import type Currencies from 'currency-codes'
import { createRequire } from 'node:module'
import { once } from '../../kernel/once.js'

const require = createRequire(import.meta.url)

// The package has them besides the 249 official codes: one is user-assigned, two are exceptionally reserved.
const unofficial = new Set(['XK', 'AC', 'TA'])

/** Values of `common.country`: the official ISO 3166-1 codes, and `00` for unknown. */
export const countryCodes: ReadonlySet<string> = new Set([...Object.keys(countries).filter((code) => !unofficial.has(code)), '00'])

/** Known currency codes: those of the ISO 4217 package, and newer ones of the platform. */
const currencyCodes = once((): ReadonlySet<string> => {
  const currencies = require('currency-codes') as typeof Currencies
  return new Set([...currencies.codes(), ...Intl.supportedValuesOf('currency')])
})

/** True for a known currency code. The vendor's page asks for a code and does not say that others are refused. */
export function isCurrencyCode(text: string): boolean {
  return currencyCodes().has(text)
}
