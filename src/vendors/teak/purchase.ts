import { z } from 'zod'
import type { Call, Route } from '../../contract.js'
import { nearMiss } from '../../kernel/body.js'
import { isoOf } from '../../kernel/clock.js'
import { evidence } from '../../kernel/evidence.js'
import type { Ids } from '../../kernel/ids.js'
import { isIntegral, parseDecimal } from '../../kernel/json/decimal.js'
import { sameWord } from '../../kernel/nearest.js'
import { repeated } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import { show } from '../../kernel/show.js'
import { credentials, findGame, wrongPlayer, type Access } from './credentials.js'
import { explainRefusal, identifier, readParameters, textOf, type Parameters, type WrongParameter } from './parameters.js'
import { explainUnreadable, failure, failureBody, invalidGameOrUser, success } from './replies.js'
import { platforms, type Db, type Platform, type Purchase, type tables } from './tables.js'

/** The parameters of a purchase report beside credentials and player, in the order of the vendor's page, for check and documents. */
const purchaseParameters = z.object({
  amount: z
    .union([z.int(), z.string().regex(/^[+-]?\d+$/)])
    .refine((amount) => Number.isSafeInteger(Number(amount)))
    .describe('US cents, negative for a withdrawal'),
  platform: z.enum(platforms).optional().describe('Default: desktop'),
  product_name: identifier.optional().describe('Default: made from the amount'),
  platform_id: identifier.optional().describe('Purchases and withdrawals are recorded once per id; default: a random one'),
  store_name: identifier.optional().describe('Default: server_api'),
  happened_at: z.string().optional().describe('ISO 8601, UTC, not in the future; default: now'),
})

const parameters = z.looseObject({
  ...credentials,
  user_id: identifier.describe('Game-assigned player id, known for the game'),
  ...purchaseParameters.shape,
})

/** `POST /v2/purchase`: purchases and withdrawals made outside the big stores. */
export const purchaseRoute: Route<typeof tables> = {
  method: 'POST',
  path: '/v2/purchase',
  summary: 'Report a purchase or a withdrawal',
  evidence: evidence('documented', 'vendor page, Purchase Reporting', [
    'the generated product name is a form of ours; Teak publishes none',
    '403, 422 and 400 follow sibling endpoints and the vendor’s clients; the page shows only 404',
    'no rate limit is published, so 429 comes from faults alone',
  ]),
  request: {
    json: parameters,
    form: parameters,
    example: {
      game_id: '123456',
      secret_key: 'server-secret',
      user_id: 'player-1',
      amount: 499,
      platform: 'ios',
      platform_id: 'order-0001',
    },
  },
  outcomes: {
    recorded: 200,
    repeated: repeated(200),
    unreadable: 400,
    'wrong-secret': 403,
    'unknown-game': 404,
    'unknown-player': 404,
    invalid: 422,
  },
  responses: {
    200: {
      description: 'Recorded, or known by its platform_id already',
      schema: z.object({ code: z.literal(200) }),
      example: { code: 200 },
    },
    400: { description: 'The body cannot be read', schema: failureBody },
    403: { description: 'Wrong or missing server secret', schema: failureBody },
    404: {
      description: 'Unknown game or player',
      schema: failureBody,
      example: { code: 404, error: { message: invalidGameOrUser } },
    },
    422: { description: 'A parameter is missing or wrong', schema: failureBody },
  },
  async handle(call) {
    const read = readParameters(call.request)
    if (!read.ok) return failure(400, explainUnreadable(call, read))
    const context = { now: call.now, ids: call.ids, requestId: call.id }
    return reply(call, await call.transact((db) => recordPurchase(db, read.value, context)))
  },
}

/** Explains the outcome of a purchase report and converts it to Teak's reply. */
function reply(call: Call<typeof tables>, outcome: PurchaseOutcome): Reply {
  switch (outcome.kind) {
    case 'recorded': {
      const { userId, amount, platformId } = outcome.purchase
      const verb = amount < 0 ? 'withdrew' : 'spent'
      call.explain('recorded', `Player ${userId} ${verb} ${dollars(amount)}; recorded under platform_id ${platformId}.`)
      return success
    }
    case 'repeated': {
      const { platformId, recordedBy, userId, amount } = outcome.first
      const where = recordedBy === undefined ? 'in the seed' : `in request ${recordedBy}`
      call.explain(
        'repeated',
        `platform_id ${platformId} was first reported ${where} by player ${userId ?? '(deleted)'} with amount ${amount}; Teak answers 200 and records nothing.`,
      )
      return success
    }
    default:
      explainRefusal(call, outcome.kind, outcome.sentence, outcome.wrong)
      if (outcome.kind === 'invalid') return failure(422, outcome.message)
      return outcome.kind === 'wrong-secret' ? failure(403, 'Invalid secret key') : failure(404, invalidGameOrUser)
  }
}

/** Outcome of a purchase report. */
type PurchaseOutcome =
  | { kind: 'recorded'; purchase: Purchase }
  | { kind: 'repeated'; first: Purchase }
  | Exclude<Access, { kind: 'game' }>
  | ({ kind: 'invalid' } & InvalidParameter)
  | { kind: 'unknown-player'; sentence: string; wrong: readonly WrongParameter[] }

/** Values a new purchase takes from the call. */
interface RecordContext {
  now: Date
  ids: Ids
  requestId: string
}

/**
 * Records a purchase or withdrawal once per game and platform id. A second report with the same id gets the same reply and changes nothing.
 * Order of checks (our choice): game, secret, parameters, player, duplicate.
 */
async function recordPurchase(db: Db, sent: Parameters, context: RecordContext): Promise<PurchaseOutcome> {
  const access = await findGame(db, sent)
  if (access.kind !== 'game') return access
  const { gameId } = access.game
  const checked = checkPurchase(sent, context.now)
  if ('message' in checked) return { kind: 'invalid', ...checked }
  const userId = textOf(sent['user_id'])
  if (userId === undefined || !(await db.players.get(gameId, userId))) {
    const advice = userId === undefined ? nearMiss(sent, 'user_id') : ''
    const sentence = `user_id is ${show(sent['user_id'])}; game ${gameId} has no such player. POST /v2/identify and a row of teak.players in a seed ("coinslot seed FILE") add players.${advice}`
    return { kind: 'unknown-player', sentence, wrong: [await wrongPlayer(db, gameId, sent['user_id'])] }
  }

  const platformId = checked.platformId ?? context.ids.uuid()
  const first = await db.purchases.get(gameId, platformId)
  if (first) return { kind: 'repeated', first }
  const purchase: Purchase = {
    gameId,
    platformId,
    userId,
    amount: checked.amount,
    platform: checked.platform,
    productName: checked.productName ?? generatedName(checked.amount),
    storeName: checked.storeName ?? 'server_api',
    happenedAt: isoOf(checked.happenedAt ?? context.now),
    recordedBy: context.requestId,
  }
  db.purchases.put(purchase)
  return { kind: 'recorded', purchase }
}

/** Teak generates a name from the amount and does not publish how; this form is ours. */
function generatedName(amount: number): string {
  return `${amount < 0 ? 'Withdrawal' : 'Purchase'} ${dollars(amount)}`
}

/** US cents in dollars, without a sign: `$4.99`. */
function dollars(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `$${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** The checked parameters of a purchase report; absent ones still without their defaults. */
interface PurchaseReport {
  amount: number
  platform: Platform
  productName?: string
  platformId?: string
  storeName?: string
  happenedAt?: Date
}

/** A parameter that Teak refuses: Teak's message, and our explanation with the accepted value. */
interface InvalidParameter {
  message: string
  sentence: string
  wrong: readonly [WrongParameter]
}

/** Checks the parameters of a purchase report in the order of the vendor's page. Returns the first invalid one. */
function checkPurchase(sent: Parameters, now: Date): PurchaseReport | InvalidParameter {
  const checked = purchaseParameters.safeParse(sent)
  if (!checked.success) return invalid(checked.error.issues[0]!.path[0] as keyof typeof purchaseParameters.shape, sent)
  const { amount, platform = 'desktop', product_name, platform_id, store_name, happened_at } = checked.data
  const report: PurchaseReport = { amount: Number(amount) || 0, platform }
  if (product_name !== undefined) report.productName = textOf(product_name)!
  if (platform_id !== undefined) report.platformId = textOf(platform_id)!
  if (store_name !== undefined) report.storeName = textOf(store_name)!
  if (happened_at === undefined) return report
  const happenedAt = readTimestamp(happened_at)
  if (!happenedAt) return invalid('happened_at', sent)
  if (happenedAt <= now) return { ...report, happenedAt }
  return {
    message: 'happened_at must not be in the future',
    sentence: `happened_at is ${happenedAt.toISOString()}, after the sandbox's clock, ${now.toISOString()}.`,
    wrong: [{ name: 'happened_at', got: happened_at, expected: now.toISOString() }],
  }
}

function invalid(name: keyof typeof purchaseParameters.shape, sent: Parameters): InvalidParameter {
  const got = sent[name]
  const refusal = (message: string, sentence: string, expected: string): InvalidParameter => ({
    message: `${name} ${message}`,
    sentence: `${name} is ${show(got)}; ${sentence}`,
    wrong: [{ name, got, expected }],
  })
  switch (name) {
    case 'amount': {
      const cents = 'a whole number of US cents, such as 499 for 4.99 USD, negative for a withdrawal'
      if (got === undefined) return refusal('must be present', `send ${cents}.${nearMiss(sent, name)}`, cents)
      const range = isWhole(got) && !Number.isSafeInteger(Number(got)) ? ', within ±(2^53 - 1)' : ''
      return refusal('must be an integer', `send ${cents}${range}.`, `${cents}${range}`)
    }
    case 'platform':
      return refusal(
        `must be one of ${platforms.join(', ')}`,
        'send ios, android or desktop (Amazon counts as android).',
        platformMeant(got) ?? 'ios, android or desktop',
      )
    case 'product_name':
    case 'platform_id':
    case 'store_name':
      return refusal('must be a string', 'send a string.', 'a string')
    case 'happened_at': {
      const form = 'an ISO 8601 timestamp such as "2018-08-23 17:00:00" (UTC)'
      return refusal('must be an ISO 8601 timestamp', `send ${form}.`, form)
    }
  }
}

function isWhole(value: unknown): boolean {
  const decimal = typeof value === 'string' || typeof value === 'number' ? parseDecimal(String(value)) : undefined
  return decimal !== undefined && isIntegral(decimal)
}

/** The accepted spelling of a platform that was sent in another one. */
function platformMeant(got: unknown): Platform | undefined {
  return sameWord(got, ['amazon']) ? 'android' : sameWord(got, platforms)
}

// The documented form has a space between date and time and no zone, which means UTC; related ISO forms are accepted too.
const timestamp = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i

function readTimestamp(text: string): Date | undefined {
  const parts = timestamp.exec(text) ?? /^(\d{4}-\d{2}-\d{2})()()$/.exec(text)
  if (!parts) return undefined
  const [, date, time = '', zone = ''] = parts
  const offset = /^[+-]/.test(zone) ? `${zone.replace(':', '')}00`.replace(/^(.\d{2})(\d{2}).*$/, '$1:$2') : 'Z'
  const instant = new Date(`${date}T${(time || '00:00').replace(',', '.')}${offset}`)
  // Date turns 30 February into a day of March, so the day that was sent is compared.
  const isReal = !Number.isNaN(instant.getTime()) && new Date(`${date}T00:00Z`).toISOString().startsWith(date!)
  return isReal ? instant : undefined
}
