import type Currencies from 'currency-codes'
import { createRequire } from 'node:module'
import { once } from '../../kernel/once.js'
import { isIntegral, parseDecimal } from './decimal.js'
import { show } from './decision.js'
import { decimalOf, isAbsent, longOf } from './parameters.js'

/**
 * What is doubtful in a purchase log whose types are right. The platform documents no refusal for these, and real servers send odd
 * values, so they are noted; `strictValues` of an app refuses them.
 */
export function doubtsOf(body: Readonly<Record<string, unknown>>, literals: ReadonlyMap<string, string>, now: Date): string[] {
  const { currency, country, os, market } = body
  const isPoints = currency === googlePlayPoints
  const price = parseDecimal(decimalOf(body['price'], literals.get('price')) ?? '')
  const time = longOf(body['marketPurchaseTime'], literals.get('marketPurchaseTime'))
  const doubts: (string | false)[] = [
    !isPoints && !isCurrency(currency) && `currency ${show(currency)} is neither an ISO 4217 code nor GPP.`,
    isPoints &&
      price !== undefined &&
      !isIntegral(price) &&
      `price ${literals.get('price') ?? show(body['price'])} is no whole number of Google Play Points.`,
    !isCountry(country) && `country ${show(country)} is no code of two letters (ISO 3166-1 alpha-2).`,
    !isOneOf(systems, os) && `os ${show(os)} is not one of ${systems.join(', ')}.`,
    !isOneOf(markets, market) && `market ${show(market)} is not one of ${markets.join(', ')}.`,
    isPoints && market !== 'googlePlay' && `currency GPP is for googlePlay alone, and market is ${show(market)}.`,
    time !== undefined && time < firstMarket && `marketPurchaseTime ${time} is before 2008; it takes Unix milliseconds.`,
    time !== undefined &&
      time > BigInt(now.getTime()) &&
      `marketPurchaseTime ${time} is after the sandbox's clock, ${now.getTime()} (${now.toISOString()}).`,
  ]
  return doubts.filter((doubt) => doubt !== false)
}

/** What a purchase log had better carry; the vendor's own pages disagree whether it must, so it is never refused. */
export function absencesOf(body: Readonly<Record<string, unknown>>): string[] {
  const absences: string[] = []
  if (isAbsent(body['marketOrderId'])) absences.push('marketOrderId is absent: optional on the English page, mandatory on the Korean one.')
  if (body['market'] === 'googlePlay' && isAbsent(body['purchaseToken'])) {
    absences.push('purchaseToken is absent: the page wants it for Google purchases, though its own sample has none.')
  }
  return absences
}

const googlePlayPoints = 'GPP'
const systems = ['android', 'ios']
const markets = ['googlePlay', 'appStore', 'kakaogameShop', 'oneStore', 'tStore', 'ollehMarket', 'uPlus']
const firstMarket = BigInt(Date.UTC(2008, 0))
/** In the standard since 2025, after the package's table. */
const laterCurrencies = ['XCG']
const require = createRequire(import.meta.url)
const currencies = once(() => require('currency-codes') as typeof Currencies)
/** In any case, and whether assigned or not: the SDK's getter says `zz` where it does not know. */
const countryCode = /^[a-z]{2}$/i

function isCurrency(value: unknown): boolean {
  if (typeof value !== 'string') return false
  return laterCurrencies.includes(value) || currencies().code(value)?.code === value
}

function isCountry(value: unknown): boolean {
  return typeof value === 'string' && countryCode.test(value)
}

function isOneOf(list: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && list.includes(value)
}
