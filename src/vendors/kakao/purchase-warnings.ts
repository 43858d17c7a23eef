import { currencyCodes } from '../../kernel/currencies.js'
import { sameWord } from '../../kernel/nearest.js'
import { show } from '../../kernel/show.js'
import { isIntegral, parseDecimal } from '../../kernel/json/decimal.js'
import { shownBlank } from './decision.js'
import { decimalOf, isAbsent, longOf } from './parameters.js'

/** A value of the documented type that the platform may not know. */
export interface DoubtfulValue {
  name: string
  sentence: string
  /** An accepted value, or a description of such values. */
  expected: string | number
}

/**
 * Finds doubtful values in a purchase log whose types are right. The platform documents no refusal for them and real servers send odd
 * values, so they are warnings; `strictValues` of an app refuses them.
 */
export function doubtfulValues(body: Readonly<Record<string, unknown>>, now: Date): DoubtfulValue[] {
  const { currency, country, os, market } = body
  const isPoints = currency === googlePlayPoints
  const price = parseDecimal(decimalOf(body['price']) ?? '')
  const time = longOf(body['marketPurchaseTime'])
  const found: DoubtfulValue[] = []
  const add = (name: string, sentence: string, expected: string | number) => found.push({ name, sentence: `${name} ${sentence}`, expected })
  if (!isPoints && !isCurrency(currency)) {
    add('currency', `${show(currency)} is neither an ISO 4217 code nor GPP.`, 'an ISO 4217 code in upper case, or GPP')
  }
  if (isPoints && price !== undefined && !isIntegral(price)) {
    add('price', `${show(body['price'])} is not a whole number of Google Play Points.`, 'a whole number')
  }
  if (!isCountry(country)) add('country', `${show(country)} is not a two-letter code (ISO 3166-1 alpha-2).`, 'a two-letter code such as kr')
  if (!isOneOf(systems, os)) add('os', `${show(os)} is not one of ${systems.join(', ')}.`, meant(systems, os))
  if (!isOneOf(markets, market)) add('market', `${show(market)} is not one of ${markets.join(', ')}.`, meant(markets, market))
  if (isPoints && market !== 'googlePlay') {
    add('currency', `GPP is only for googlePlay, and market is ${show(market)}.`, 'an ISO 4217 code in upper case')
  }
  if (time !== undefined && time < firstMarket) {
    add('marketPurchaseTime', `${time} is before 2008; send Unix milliseconds.`, 'Unix milliseconds')
  }
  if (time !== undefined && time > BigInt(now.getTime())) {
    add('marketPurchaseTime', `${time} is after the sandbox's clock, ${now.getTime()} (${now.toISOString()}).`, now.getTime())
  }
  return found
}

/** Warns of absent parameters that only one of the vendor's pages calls mandatory; they are never refused. */
export function absenceWarnings(body: Readonly<Record<string, unknown>>): string[] {
  const absences: string[] = []
  const { market, marketOrderId, purchaseToken } = body
  if (isAbsent(marketOrderId)) {
    absences.push(`marketOrderId is ${shownBlank(marketOrderId)}: optional on the English page, mandatory on the Korean one.`)
  }
  if (market === 'googlePlay' && isAbsent(purchaseToken)) {
    absences.push(`purchaseToken is ${shownBlank(purchaseToken)}: the page asks for it in Google purchases, but its own sample has none.`)
  }
  return absences
}

const googlePlayPoints = 'GPP'
const systems = ['android', 'ios']
const markets = ['googlePlay', 'appStore', 'kakaogameShop', 'oneStore', 'tStore', 'ollehMarket', 'uPlus']
const firstMarket = BigInt(Date.UTC(2008, 0))
/** In upper or lower case, assigned or not: the SDK's getter returns `zz` if it does not know the country. */
const countryCode = /^[a-z]{2}$/i

function isCurrency(value: unknown): boolean {
  return typeof value === 'string' && currencyCodes().has(value)
}

function isCountry(value: unknown): boolean {
  return typeof value === 'string' && countryCode.test(value)
}

function isOneOf(list: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && list.includes(value)
}

/** The accepted spelling of a value, or the list of accepted values. */
function meant(list: readonly string[], value: unknown): string {
  return sameWord(value, list) ?? `one of ${list.join(', ')}`
}
