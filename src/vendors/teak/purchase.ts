import { nearMiss } from '../../kernel/body.js'
import { isoOf } from '../../kernel/clock.js'
import type { Ids } from '../../kernel/ids.js'
import { findGame, type Access, type Db } from './access.js'
import { checkPurchase, isBad, type BadParameter } from './purchase-parameters.js'
import { textOf, type Parameters } from './parameters.js'
import type { Purchase } from './tables.js'

/** What became of a purchase report. */
export type PurchaseOutcome =
  | { kind: 'recorded'; purchase: Purchase }
  | { kind: 'repeated'; first: Purchase }
  | Exclude<Access, { kind: 'game' }>
  | ({ kind: 'invalid' } & BadParameter)
  | { kind: 'unknown-player'; gameId: string; userId: unknown; advice: string }

/**
 * Records a purchase or withdrawal once per game and platform id; whoever reports it again gets the same answer and changes nothing.
 * Order of checks (our choice): game, secret, parameters, player, duplicate.
 */
export async function recordPurchase(db: Db, parameters: Parameters, context: RecordContext): Promise<PurchaseOutcome> {
  const access = await findGame(db, parameters)
  if (access.kind !== 'game') return access
  const { gameId } = access.game
  const checked = checkPurchase(parameters, context.now)
  if (isBad(checked)) return { kind: 'invalid', ...checked }
  const userId = textOf(parameters['user_id'])
  if (userId === undefined || !(await db.players.get(gameId, userId))) {
    const advice = userId === undefined ? nearMiss(parameters, 'user_id') : ''
    return { kind: 'unknown-player', gameId, userId: parameters['user_id'], advice }
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

/** What recording draws from beside rows and parameters. */
export interface RecordContext {
  now: Date
  ids: Ids
  requestId: string
}

/** Teak generates a name from the amount and does not publish how; this form is ours. */
function generatedName(amount: number): string {
  return `${amount < 0 ? 'Withdrawal' : 'Purchase'} ${dollars(amount)}`
}

/** US cents as people write them, without a sign. */
export function dollars(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `$${digits.slice(0, -2)}.${digits.slice(-2)}`
}
