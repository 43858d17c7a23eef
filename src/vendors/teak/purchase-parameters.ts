import { z } from 'zod'
import { nearMiss } from '../../kernel/body.js'
import { show, textOf, type Parameters } from './parameters.js'
import { identifier } from './shapes.js'
import { platforms, type Platform } from './tables.js'

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

/** The parameters of a purchase report beside credentials and player, in the order of the vendor's page, for check and documents. */
export const purchaseParameters = z.object({
  amount: z
    .union([z.int(), z.string().regex(/^[+-]?\d{1,17}$/)])
    .refine((amount) => Number.isSafeInteger(Number(amount)))
    .describe('US cents, negative for a withdrawal'),
  platform: z.enum(platforms).optional().describe('Default: desktop'),
  product_name: identifier.optional().describe('Default: made from the amount'),
  platform_id: identifier.optional().describe('Purchases and withdrawals are recorded once per id; default: a random one'),
  store_name: identifier.optional().describe('Default: server_api'),
  happened_at: z.string().optional().describe('ISO 8601, UTC, not in the future; default: now'),
})

type Name = keyof typeof purchaseParameters.shape

/** Checks the parameters of a purchase report in the order of the vendor's page; the first fault is the one reported. */
export function checkPurchase(parameters: Parameters, now: Date): PurchaseReport | BadParameter {
  const checked = purchaseParameters.safeParse(parameters)
  if (!checked.success) return refusalOf(checked.error.issues[0]!.path[0] as Name, parameters)
  const { amount, platform = 'desktop', product_name, platform_id, store_name, happened_at } = checked.data
  const report: PurchaseReport = { amount: Number(amount) || 0, platform }
  if (product_name !== undefined) report.productName = textOf(product_name)!
  if (platform_id !== undefined) report.platformId = textOf(platform_id)!
  if (store_name !== undefined) report.storeName = textOf(store_name)!
  if (happened_at === undefined) return report
  const moment = readMoment(happened_at)
  if (!moment) return refusalOf('happened_at', parameters)
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

function refusalOf(name: Name, parameters: Parameters): BadParameter {
  const value = parameters[name]
  switch (name) {
    case 'amount':
      if (value !== undefined)
        return bad('amount must be an integer', `amount is ${show(value)}; it takes whole US cents within ±2^53, 499 for 4.99 USD.`)
      return bad(
        'amount must be present',
        `amount is missing; it takes whole US cents, 499 for 4.99 USD, negative for a withdrawal.${nearMiss(parameters, name)}`,
      )
    case 'platform':
      return bad(
        `platform must be one of ${platforms.join(', ')}`,
        `platform is ${show(value)}; Teak takes ios, android or desktop (Amazon counts as android).`,
      )
    case 'product_name':
    case 'platform_id':
    case 'store_name':
      return bad(`${name} must be a string`, `${name} is ${show(value)}; Teak takes a text.`)
    case 'happened_at':
      return bad(
        'happened_at must be an ISO 8601 timestamp',
        `happened_at is ${show(value)}; a form such as "2018-08-23 17:00:00" (UTC) would do.`,
      )
  }
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
