import type { StoreName, StorePurchase } from '../../../marketplace/marketplace.js'
import { keyFrom } from '../../../kernel/table.js'
import { entitlementsOf } from './entitlements.js'
import { changedAttributes, sendEvent } from './events.js'
import type { Ledger } from './ledger.js'
import { dueAt, firstState, isSubscribed, usualPeriod, type Claim } from './state.js'
import { changedState, passPeriods } from '../notifications/marketplace-change.js'
import type { InAppPurchase } from '../tables.js'

/** A purchase as an order or receipt names it, ready to be recorded once the store confirmed it. */
export interface ConfirmedPurchase extends Claim {
  appFamilyId: string
  marketplace: InAppPurchase['marketplace']
  appIdentifier: string
  productId: string
  quantity: number
  /** What it is one per. */
  source: string
  /** Under which names the store knows it. */
  tokens: readonly string[]
  userIdentifier?: string | null | undefined
  metadata?: InAppPurchase['metadata']
}

/** The simulated store behind a marketplace. */
export const storeOf: Readonly<Record<InAppPurchase['marketplace'], StoreName>> = {
  google_play: 'google_play',
  itunes_connect: 'app_store',
}

/** The purchase that was recorded for this one before. */
export async function findPurchase({ db }: Ledger, of: ConfirmedPurchase): Promise<InAppPurchase | undefined> {
  const [found] = await db.inAppPurchases.where('bySource', keyFrom([of.appFamilyId, of.marketplace, of.appIdentifier, of.source]))
  return found
}

/** Records a purchase that the store confirmed for the first time, and tells the webhooks. */
export async function createPurchase(ledger: Ledger, confirmed: ConfirmedPurchase): Promise<InAppPurchase> {
  const { now, ids } = ledger
  const at = now.toISOString()
  const purchase: InAppPurchase = {
    id: ids.uuid(),
    factId: ids.uuid(),
    version: 1,
    ...(await knownOf(ledger, confirmed)),
    createdAt: at,
    updatedAt: at,
  }
  return keepPurchase(ledger, purchase, undefined)
}

/** Makes a recorded purchase follow from its order anew, because that one changed; periods that passed since stay. */
export async function remakePurchase(ledger: Ledger, purchase: InAppPurchase, confirmed: ConfirmedPurchase): Promise<InAppPurchase> {
  const { id, factId, version, createdAt, updatedAt } = purchase
  const made: InAppPurchase = { id, factId, version, createdAt, updatedAt, ...(await knownOf(ledger, confirmed)) }
  if ((purchase.currentPeriodEndAt ?? '') > (made.currentPeriodEndAt ?? '')) {
    made.currentPeriodStartAt = purchase.currentPeriodStartAt
    made.currentPeriodEndAt = purchase.currentPeriodEndAt
  }
  return keepPurchase(ledger, made, purchase)
}

/** Brings a recorded purchase up to what the store says now; `news` is what else is new of it. */
export async function syncPurchase(ledger: Ledger, purchase: InAppPurchase, news: Partial<InAppPurchase> = {}): Promise<InAppPurchase> {
  const { isStale: _stale, ...known } = { ...purchase, ...news }
  const rows = await storeRows(ledger, known.marketplace, known.tokens)
  const isSubscription = known.type === 'subscription'
  const claimed = known.claimed ?? { environment: known.environment, period: known.period ?? usualPeriod, isSubscription }
  let next: InAppPurchase = known
  for (const token of known.tokens) {
    const change = { before: rowOf(purchase.seen, token), after: rowOf(rows, token) }
    next = changedState(next, change, claimed, ledger.now)
  }
  if (isSubscribed(claimed, merged(rows)) !== isSubscription) {
    next = { ...next, ...firstState({ ...claimed, purchasedAt: known.purchasedAt }, merged(rows), ledger.now) }
  }
  if (purchase.dueAt !== undefined && new Date(purchase.dueAt) <= ledger.now) next = passPeriods(next, ledger.now)
  return keepPurchase(ledger, { ...next, lastSyncedAt: ledger.now.toISOString(), seen: rows }, purchase)
}

/** Writes a purchase: a visible change makes a version and an event, and the clock is set for what comes next. */
export async function keepPurchase(ledger: Ledger, purchase: InAppPurchase, before: InAppPurchase | undefined): Promise<InAppPurchase> {
  const next = withDue(purchase, ledger.now)
  const hasChanged = before === undefined || Object.keys(changedAttributes(before, next).fresh).length > 0
  if (before && hasChanged) {
    next.version = before.version + 1
    next.updatedAt = ledger.now.toISOString()
  }
  ledger.db.inAppPurchases.put(next)
  if (next.dueAt !== before?.dueAt) await setAlarm(ledger, next)
  if (hasChanged) await sendEvent(ledger, next, before)
  return next
}

/** A purchase with the moment when the clock will end its period. */
export function withDue(purchase: InAppPurchase, now: Date): InAppPurchase {
  // What should have happened while the store was down still has to.
  const due = purchase.isStale ? purchase.dueAt : dueAt(purchase, now)
  const { dueAt: _old, ...undated } = purchase
  return due === undefined ? undated : { ...undated, dueAt: due }
}

/** Sets the clock for the end of a purchase's period, or stops it where nothing will be done then. */
export async function setAlarm({ transaction }: Ledger, { id, dueAt: due }: Pick<InAppPurchase, 'id' | 'dueAt'>): Promise<void> {
  if (due === undefined) await transaction.cancel(`period:${id}`)
  else transaction.schedule({ id: `period:${id}`, kind: 'period', at: new Date(due).getTime(), data: { purchase: id } })
}

async function storeRows(
  { transaction }: Ledger,
  marketplace: InAppPurchase['marketplace'],
  tokens: readonly string[],
): Promise<StorePurchase[]> {
  const rows = await Promise.all(tokens.map((token) => transaction.marketplace.purchase(storeOf[marketplace], token)))
  return rows.filter((row) => row !== undefined)
}

function rowOf(rows: readonly StorePurchase[] | undefined, token: string): StorePurchase | undefined {
  return rows?.find((row) => row.token === token)
}

/** A subscription's transactions each have a row at the store; what a later one says counts. */
function merged(rows: readonly StorePurchase[]): StorePurchase | undefined {
  return rows.reduce<StorePurchase | undefined>((all, row) => ({ ...all, ...row }), undefined)
}

/** Everything but its own history: what order or receipt say, and what the store says. */
async function knownOf(ledger: Ledger, confirmed: ConfirmedPurchase) {
  const { appFamilyId, marketplace, appIdentifier, productId, quantity, source, tokens, purchasedAt } = confirmed
  const { environment, countryCode, currencyCode, period, isSubscription } = confirmed
  const rows = await storeRows(ledger, marketplace, tokens)
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
    entitlements: await entitlementsOf(ledger, appFamilyId, productId),
    ...firstState(confirmed, merged(rows), ledger.now),
    claimed: { environment, period, isSubscription, countryCode: countryCode ?? null, currencyCode: currencyCode ?? null },
    lastSyncedAt: ledger.now.toISOString(),
    seen: rows,
  }
}
