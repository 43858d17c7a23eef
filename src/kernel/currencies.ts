import type Currencies from 'currency-codes'
import { createRequire } from 'node:module'
import { once } from './once.js'

/** The currency codes of ISO 4217, with some that were withdrawn since 2024. */
export const currencyCodes = once((): ReadonlySet<string> => {
  const currencies = require('currency-codes') as typeof Currencies
  return new Set([...currencies.codes(), ...laterCodes])
})

/** Added in 2025 by amendments 176 and 179 of the standard, after the package's table was made. */
const laterCodes = ['XCG', 'XAD']
const require = createRequire(import.meta.url)
