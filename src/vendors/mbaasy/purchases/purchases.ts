import type { StoreName, StorePurchase } from '../../../marketplace/marketplace.js'
import { keyFrom } from '../../../kernel/table.js'
import { entitlementsOf } from './entitlements.js'
import { changedAttributes, sendEvent } from './events.js'
import { putChanged, type TransactionScope } from './transaction-scope.js'
import { usualPeriod } from '../../../marketplace/subscription-periods.js'
import { dueAt, firstState, isSubscribed, pauseEnd, type Claim } from './state.js'
import { changedState, passPeriods } from '../notifications/marketplace-change.js'
import type { InAppPurchase } from '../tables.js'

/** A purchase of an order or receipt, ready to be recorded once the store confirmed it. */
export interface ConfirmedPurchase extends Claim {
  appFamilyId: string
  marketplace: InAppPurchase['marketplace']
  appIdentifier: string
  productId: string
  quantity: number
  /** Identifies the purchase, see the table. */
  source: string
  /** Tokens or transaction ids under which the store knows it. */
  tokens: readonly string[]
  userIdentifier?: string | null | undefined
  metadata?: InAppPurchase['metadata']
}

/** The simulated store behind a marketplace. */
export const storeOf: Readonly<Record<InAppPurchase['marketplace'], StoreName>> = {
  google_play: 'google_play',
  itunes_connect: 'app_store',
}

/** Returns the recorded purchase with the same source. */
export async function findPurchase({ db }: TransactionScope, of: ConfirmedPurchase): Promise<InAppPurchase | undefined> {
  const [found] = await db.inAppPurchases.where('bySource', keyFrom([of.appFamilyId, of.marketplace, of.appIdentifier, of.source]))
  return found
}

/** Records a purchase that the store confirmed for the first time, and sends its event to the webhooks. */
export async function createPurchase(tx: TransactionScope, confirmed: ConfirmedPurchase): Promise<InAppPurchase> {
  const { now, ids } = tx
  const at = now.toISOString()
  const purchase: InAppPurchase = {
    id: ids.uuid(),
    factId: ids.uuid(),
    version: 1,
    ...(await knownOf(tx, confirmed)),
    createdAt: at,
    updatedAt: at,
  }
  return keepPurchase(tx, purchase, undefined)
}

/** Makes a recorded purchase again from its changed order; later periods stay. */
export async function remakePurchase(tx: TransactionScope, purchase: InAppPurchase, confirmed: ConfirmedPurchase): Promise<InAppPurchase> {
  const { id, factId, version, createdAt, updatedAt } = purchase
  const made: InAppPurchase = { id, factId, version, createdAt, updatedAt, ...(await knownOf(tx, confirmed)) }
  if ((purchase.currentPeriodEndAt ?? '') > (made.currentPeriodEndAt ?? '')) {
    made.currentPeriodStartAt = purchase.currentPeriodStartAt
    made.currentPeriodEndAt = purchase.currentPeriodEndAt
  }
  return keepPurchase(tx, made, purchase)
}

/** Updates a recorded purchase from the store's current rows, and with further changes in `news`. */
export async function syncPurchase(
  tx: TransactionScope,
  purchase: InAppPurchase,
  news: Partial<InAppPurchase> = {},
): Promise<InAppPurchase> {
  const { isStale: _stale, ...known } = { ...purchase, ...news }
  const rows = await storeRows(tx, known.marketplace, known.tokens)
  const isSubscription = known.type === 'subscription'
  const claimed = known.claimed ?? { environment: known.environment, period: known.period ?? usualPeriod, isSubscription }
  let next: InAppPurchase = known
  for (const token of known.tokens) {
    const change = { before: rowOf(purchase.seen, token), after: rowOf(rows, token) }
    next = changedState(next, change, claimed, tx.now)
  }
  if (isSubscribed(claimed, merged(rows)) !== isSubscription) {
    next = { ...next, ...firstState({ ...claimed, purchasedAt: known.purchasedAt }, merged(rows), tx.now) }
  }
  if (purchase.dueAt !== undefined && new Date(purchase.dueAt) <= tx.now) next = passPeriods(next, tx.now, pauseEnd(rows))
  return keepPurchase(tx, { ...next, lastSyncedAt: tx.now.toISOString(), seen: rows }, purchase)
}

/** Writes a purchase. A visible change makes a version and an event; the end of its period is scheduled. */
export async function keepPurchase(
  tx: TransactionScope,
  purchase: InAppPurchase,
  before: InAppPurchase | undefined,
): Promise<InAppPurchase> {
  const next = withDue(purchase, tx.now)
  const hasChanged = before === undefined || changedAttributes(before, next).length > 0
  if (before && hasChanged) {
    next.version = before.version + 1
    next.updatedAt = tx.now.toISOString()
  }
  putChanged(tx.db.inAppPurchases, next, before)
  if (next.dueAt !== before?.dueAt) await schedulePeriodEnd(tx, next)
  if (hasChanged) await sendEvent(tx, next, before)
  return next
}

/** Returns a purchase with the time at which its period is renewed. */
export function withDue(purchase: InAppPurchase, now: Date): InAppPurchase {
  // A renewal that was missed while the store was not reachable is still due.
  const due = purchase.isStale ? purchase.dueAt : dueAt(purchase, now, pauseEnd(purchase.seen))
  const { dueAt: _old, ...undated } = purchase
  return due === undefined ? undated : { ...undated, dueAt: due }
}

/** Schedules the end of a purchase's period, or cancels the timer if nothing is due. */
export async function schedulePeriodEnd(
  { transaction }: TransactionScope,
  { id, dueAt: due }: Pick<InAppPurchase, 'id' | 'dueAt'>,
): Promise<void> {
  if (due === undefined) await transaction.cancel(`period:${id}`)
  else transaction.schedule({ id: `period:${id}`, kind: 'period', at: new Date(due).getTime(), data: { purchase: id } })
}

async function storeRows(
  { transaction }: TransactionScope,
  marketplace: InAppPurchase['marketplace'],
  tokens: readonly string[],
): Promise<StorePurchase[]> {
  const rows = await Promise.all(tokens.map((token) => transaction.marketplace.purchase(storeOf[marketplace], token)))
  return rows.filter((row) => row !== undefined)
}

function rowOf(rows: readonly StorePurchase[] | undefined, token: string): StorePurchase | undefined {
  return rows?.find((row) => row.token === token)
}

/** Merges the store's rows of a subscription's transactions; a later row counts more. */
export function merged(rows: readonly StorePurchase[]): StorePurchase | undefined {
  return rows.reduce<StorePurchase | undefined>((all, row) => ({ ...all, ...row }), undefined)
}

/** Returns the attributes of a purchase that follow from its order or receipt and from the store. */
async function knownOf(tx: TransactionScope, confirmed: ConfirmedPurchase) {
  const { appFamilyId, marketplace, appIdentifier, productId, quantity, source, tokens, purchasedAt } = confirmed
  const { environment, countryCode, currencyCode, period, isSubscription } = confirmed
  const rows = await storeRows(tx, marketplace, tokens)
  return {
    appFamilyId,
    marketplace,
    appIdentifier,
    productId,
    quantity,
    source,
    tokens: [...tokens],
    purchasedAt,
    userIdentifier: confirmed.userIdentifier ?? null,
    metadata: confirmed.metadata ?? null,
    entitlements: await entitlementsOf(tx, appFamilyId, productId),
    ...firstState(confirmed, merged(rows), tx.now),
    claimed: { environment, period, isSubscription, countryCode: countryCode ?? null, currencyCode: currencyCode ?? null },
    lastSyncedAt: tx.now.toISOString(),
    seen: rows,
  }
}
