import type { Platform } from './tables.js'
import { show, textOf, type Parameters } from './parameters.js'

/** The checked parameters of a purchase report; absent ones still without their defaults. */
export interface PurchaseReport {
  amount: number
  platform: Platform
  productName?: string
  platformId?: string
  storeName?: string
  happenedAt?: Date
}

/** A parameter that Teak refuses: which, what came and what would have been accepted, in Teak's words and in ours. */
export interface BadParameter {
  message: string
  explanation: string
}

/** Checks the parameters of a purchase report in the order of the vendor's page; the first fault is the one reported. */
export function checkPurchase(parameters: Parameters, now: Date): PurchaseReport | BadParameter {
  const amount = readAmount(parameters['amount'])
  if (typeof amount !== 'number') return amount
  const platform = parameters['platform'] ?? 'desktop'
  if (platform !== 'ios' && platform !== 'android' && platform !== 'desktop') {
    return bad(
      'platform must be one of ios, android, desktop',
      `platform is ${show(platform)}; Teak takes ios, android or desktop (Amazon counts as android).`,
    )
  }
  const report: PurchaseReport = { amount, platform }
  for (const [name, member] of texts) {
    const value = parameters[name]
    if (value === undefined) continue
    const text = textOf(value)
    if (text === undefined) return bad(`${name} must be a string`, `${name} is ${show(value)}; Teak takes a text.`)
    report[member] = text
  }
  const happenedAt = parameters['happened_at']
  if (happenedAt === undefined) return report
  const moment = typeof happenedAt === 'string' ? readMoment(happenedAt) : undefined
  if (!moment) {
    return bad(
      'happened_at must be an ISO 8601 timestamp',
      `happened_at is ${show(happenedAt)}; a form such as "2018-08-23 17:00:00" (UTC) would do.`,
    )
  }
  if (moment > now) {
    return bad(
      'happened_at must not be in the future',
      `happened_at is ${moment.toISOString()}, after the sandbox's clock, ${now.toISOString()}.`,
    )
  }
  return { ...report, happenedAt: moment }
}

/** Tells a fault from a checked report. */
export function isBad(checked: PurchaseReport | BadParameter): checked is BadParameter {
  return 'message' in checked
}

const texts = [
  ['product_name', 'productName'],
  ['platform_id', 'platformId'],
  ['store_name', 'storeName'],
] as const

const integer = /^[+-]?\d{1,17}$/

function readAmount(value: unknown): number | BadParameter {
  if (value === undefined)
    return bad('amount must be present', 'amount is missing; it takes whole US cents, 499 for 4.99 USD, negative for a withdrawal.')
  const amount = typeof value === 'string' && integer.test(value) ? Number(value) : value
  if (typeof amount === 'number' && Number.isSafeInteger(amount)) return amount === 0 ? 0 : amount
  return bad('amount must be an integer', `amount is ${show(value)}; it takes whole US cents within ±2^53, 499 for 4.99 USD.`)
}

// The documented form has a blank between date and time and no zone, which means UTC; the ISO forms around it are taken too.
const timestamp = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i

function readMoment(text: string): Date | undefined {
  const parts = timestamp.exec(text) ?? /^(\d{4}-\d{2}-\d{2})()()$/.exec(text)
  if (!parts) return undefined
  const [, date, time = '', zone = ''] = parts
  const offset = /^[+-]/.test(zone) ? `${zone.replace(':', '')}00`.replace(/^(.\d{2})(\d{2}).*$/, '$1:$2') : 'Z'
  const moment = new Date(`${date}T${(time || '00:00').replace(',', '.')}${offset}`)
  // Date rolls 30 February over into March; the text's own day must come back.
  const isReal = !Number.isNaN(moment.getTime()) && new Date(`${date}T00:00Z`).toISOString().startsWith(date!)
  return isReal ? moment : undefined
}

function bad(message: string, explanation: string): BadParameter {
  return { message, explanation }
}
