import { countries } from 'countries-list'
import type Currencies from 'currency-codes'
import { createRequire } from 'node:module'
import { once } from '../../kernel/once.js'

const require = createRequire(import.meta.url)

// In the package beside the 249 official codes: one is user-assigned, two are reserved exceptionally.
const unofficial = new Set(['XK', 'AC', 'TA'])

/** What `common.country` takes: the official ISO 3166-1 codes, and `00` for unknown. */
export const countryCodes: ReadonlySet<string> = new Set([...Object.keys(countries).filter((code) => !unofficial.has(code)), '00'])

/** Currency codes somebody knows: ISO 4217 as packaged, and what the platform has newer. */
const currencyCodes = once((): ReadonlySet<string> => {
  const currencies = require('currency-codes') as typeof Currencies
  return new Set([...currencies.codes(), ...Intl.supportedValuesOf('currency')])
})

/** Whether a currency code is one at all; the vendor's page asks for a code and does not say that others are refused. */
export function isCurrencyCode(text: string): boolean {
  return currencyCodes().has(text)
}
