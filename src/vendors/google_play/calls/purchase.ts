import { expectedMember } from '../../../kernel/expected-member.js'
import { brief, show } from '../../../kernel/show.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import type { Asked, Refusal } from './api-call.js'
import { ensureLedger } from '../ledger/follow.js'
import { kindOf, ordersOf, type Kind } from '../ledger/orders.js'
import type { Order } from '../tables.js'

/** A purchase that an app may ask about. It has no orders while it is pending. */
export interface Found {
  ok: true
  row: StorePurchase
  orders: readonly Order[]
  kind: Kind
}

/** Purchase that a call asks about. */
export interface Wanted {
  kind: Kind
  /** Absent: the call names a token alone. */
  productId?: string | undefined
}

/** Finds the purchase of the token in the path. The first call about it writes its orders. */
export async function findPurchase(asked: Asked, { kind: wanted, productId }: Wanted): Promise<Found | Refusal> {
  const { call, app, transaction } = asked
  const token = call.request.params['token'] ?? ''
  const shown = show(brief(token, 40))
  const stored = await transaction.marketplace.purchase('google_play', token)
  if (!stored && !tokenForm.test(token)) {
    const sentence = `The purchase token ${shown} cannot be one: it has to be 20 characters or more of letters, digits, ".", "-" and "_".`
    return refuse(asked, 'invalid-token', sentence)
  }
  const isAdopted = !stored && app.unknownTokens === 'ordinary'
  if (!isAdopted && (!stored || stored.known === false)) {
    const why = stored ? 'has known: false' : 'does not exist; mint it, or sell it with the action purchase'
    return refuse(asked, 'unknown-token', `The row ${shown} of marketplace.purchases ${why}.`)
  }
  const row: StorePurchase = stored ?? {
    store: 'google_play',
    token,
    app: app.packageName,
    ...(productId !== undefined && { productId }),
    type: wanted,
    purchasedAt: asked.now.toISOString(),
  }
  if (row.app !== undefined && row.app !== app.packageName) {
    return refuse(asked, 'wrong-package', `The purchase ${shown} is of the package ${show(row.app)}, not of ${app.packageName}.`)
  }
  const known = await ordersOf(asked, token)
  const kind = kindOf(row, known, wanted)
  const named = productId === undefined ? undefined : wrongProduct(row, { kind, wanted, productId })
  if (named !== undefined) return refuse(asked, wanted === 'product' ? 'wrong-product' : 'wrong-subscription', named)
  if (kind !== wanted) {
    return refuse(asked, 'unknown-token', `The purchase ${shown} is a ${kind}, and this call is about ${wanted}s.`)
  }
  if (row.superseded)
    return refuse(asked, 'token-no-longer-valid', `The purchase ${shown} is superseded by a later one of the same product.`)
  if (isAdopted) await transaction.marketplace.change('google_play', token, row)
  // One that is pending again has the orders of its earlier sales.
  const orders = row.pending ? [] : await ensureLedger(asked, row, { app, asked: wanted })
  return { ok: true, row, orders, kind }
}

/** Google's tokens are longer; shorter ones that a row has are accepted. */
const tokenForm = /^[\w.-]{20,}$/

function wrongProduct(
  row: StorePurchase,
  { kind, wanted, productId }: { kind: Kind; wanted: Kind; productId: string },
): string | undefined {
  if (row.productId !== undefined && row.productId !== productId)
    return `The purchase is of the product ${show(row.productId)}, and the path names ${show(productId)}.`
  if (kind !== wanted) return `The purchase is a ${kind}; ask the calls of ${kind}s about it.`
  return undefined
}

function refuse({ call }: Asked, error: Refusal['error'], sentence: string): Refusal {
  const wanted =
    error === 'wrong-product' || error === 'wrong-subscription' ? 'the product of the purchase' : 'the token of a purchase of this app'
  return { ok: false, error, sentence, expected: [expectedMember(['path'], call.request.path, `${wanted} in the path`)] }
}
