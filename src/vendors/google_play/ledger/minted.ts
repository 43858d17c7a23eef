import type { MintedReceipt, Scope } from '../../../contract.js'
import { InvalidInput } from '../../../kernel/problem.js'
import { act } from '../../../marketplace/actions.js'
import { keptPurchases, type StorePurchase } from '../../../marketplace/marketplace.js'
import { isPeriod } from '../../../marketplace/period.js'
import { claimsOf, productIdOf, stateOf, type PurchaseData } from '../../../receipts/purchase-data.js'
import type { tables } from '../tables.js'

/** Members of a mint request that the store knows and the purchase data do not have. */
interface SoldMembers {
  register?: boolean
  tamper?: string
  period?: string
  priceMicros?: number
  customer?: string
}

/**
 * Adds a minted purchase to the simulated store, unless that is not wanted, and returns members for the response of minting.
 *
 * @throws InvalidInput if the period is invalid
 */
export async function registerMinted(
  scope: Scope<typeof tables>,
  minted: Extract<MintedReceipt, { store: 'google_play' }>,
): Promise<Readonly<Record<string, unknown>>> {
  // The control call has checked the members.
  const sold = minted.members as SoldMembers
  if (sold.period !== undefined && !isPeriod(sold.period)) {
    const message = 'must be an ISO 8601 duration of at least a minute, such as P1M'
    throw new InvalidInput({ type: 'invalid', title: 'Invalid body.', errors: [{ path: '/period', message }] })
  }
  const { claims } = claimsOf(JSON.parse(minted.receipt.purchaseData) as Record<string, unknown>)
  const { purchaseToken = null, orderId = null } = claims
  // With a tampered token the store sold another one.
  const isWanted = sold.register !== false && sold.tamper !== 'token' && purchaseToken !== null
  return { purchaseToken, orderId, registered: isWanted && (await register(scope, purchaseToken, { claims, sold })) }
}

/** Returns false if the purchase data are such that no store can have sold it. */
function register(
  scope: Scope<typeof tables>,
  token: string,
  { claims, sold }: { claims: PurchaseData; sold: SoldMembers },
): Promise<boolean> {
  return scope.transact(async (_db, { marketplace }) => {
    const row = soldPurchase(token, claims, { sold, known: await marketplace.purchase('google_play', token) })
    if (!row) return false
    await marketplace.change('google_play', token, stopped(row, claims, scope.now))
    return true
  })
}

function soldPurchase(
  token: string,
  data: PurchaseData,
  { sold: { period, priceMicros, customer }, known }: { sold: SoldMembers; known: StorePurchase | undefined },
): StorePurchase | undefined {
  const purchasedAt = isoOf(data.purchaseTime)
  const productId = productIdOf(data)
  const isPending = data.purchaseState === 4
  const row = {
    ...known,
    store: 'google_play',
    token,
    ...(data.packageName !== undefined && { app: data.packageName }),
    ...(productId !== undefined && { productId }),
    type: data.autoRenewing === undefined ? 'product' : 'subscription',
    ...(data.autoRenewing === false && { autoRenewing: false }),
    ...(purchasedAt !== undefined && { purchasedAt }),
    ...(data.orderId && { orderId: data.orderId }),
    ...(data.quantity !== undefined && data.quantity > 1 && { quantity: data.quantity }),
    ...(data.acknowledged && { acknowledgedAt: known?.acknowledgedAt ?? purchasedAt }),
    ...(data.obfuscatedAccountId !== undefined && { accountId: data.obfuscatedAccountId }),
    ...(data.obfuscatedProfileId !== undefined && { profileId: data.obfuscatedProfileId }),
    ...(typeof data.developerPayload === 'string' && { developerPayload: data.developerPayload }),
    ...((isPending || known?.pending !== undefined) && { pending: isPending }),
    ...(period !== undefined && { period }),
    ...(priceMicros !== undefined && { priceMicros }),
    ...(customer !== undefined && { customer }),
  }
  // A purchase can be minted with values that no store has, such as an empty token.
  return keptPurchases.schema.safeParse(row).success ? (row as StorePurchase) : undefined
}

/** Returns the row of a purchase whose data say that it was cancelled or refunded; of every other one the row as it is. */
function stopped(row: StorePurchase, data: PurchaseData, now: Date): StorePurchase {
  const state = stateOf(data)
  if (state === 'purchased' || state === 'pending' || row.refundedAt !== undefined) return row
  // A cancelled subscription runs on; a cancelled product was paid back.
  const action = state === 'cancelled' && row.type === 'subscription' ? 'cancel' : 'refund'
  // The data do not say who stopped it.
  return { ...act(row, action, { now, store: 'google_play', token: row.token }), cancelReason: 'unknown' }
}

function isoOf(ms: number | undefined): string | undefined {
  const date = new Date(ms ?? Number.NaN)
  const year = Number.isNaN(date.getTime()) ? Number.NaN : date.getUTCFullYear()
  return year >= 1970 && year <= 9999 ? date.toISOString() : undefined
}
