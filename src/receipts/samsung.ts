import { type Check, type Verdict, verdict } from './verdict.js'

/** Row of the simulated Samsung store, as far as verifying needs it. */
export interface SamsungPurchase {
  paymentId?: string | undefined
  productId?: string | undefined
  app?: string | undefined
  known?: boolean | undefined
}

/** Claims of a Samsung receipt. The receipt is an id alone, so the store adds the rest. */
export interface SamsungClaims {
  purchaseId: string
  paymentId?: string
  productId?: string
  app?: string
}

/**
 * Judges a Samsung purchase id by the store's row. There is no signature: the real service asks Samsung's receipt
 * server, and here the caller looks the id up. `paymentId` is the transaction id under which the game reports the purchase.
 */
export function verify(
  purchaseId: string,
  paymentId: string | undefined,
  found: SamsungPurchase | undefined | 'unreachable',
): Verdict<SamsungClaims> {
  if (purchaseId.trim() === '') return verdict([{ name: 'parse', ok: false, detail: 'the purchase id is empty' }])
  const parse: Check = { name: 'parse', ok: true, detail: `purchase id ${purchaseId}` }
  if (found === 'unreachable') {
    return verdict([parse, { name: 'store', ok: null, detail: 'the Samsung store cannot be reached' }], { purchaseId })
  }
  if (found === undefined || found.known === false) {
    return verdict([parse, { name: 'store', ok: false, detail: 'the Samsung store does not know this purchase id' }], { purchaseId })
  }
  const store: Check = { name: 'store', ok: true, detail: 'the Samsung store knows this purchase id' }
  return verdict([parse, store, checkPayment(found.paymentId, paymentId)], claimsOf(purchaseId, found))
}

/** Ids as Samsung In-App Purchase makes them, for a purchase that the caller registers with the simulated store. */
export function mint(input: { paymentId?: string | undefined }, { now, random }: { now: Date; random: (size: number) => Buffer }) {
  const purchaseId = random(32).toString('hex')
  const number = String(random(4).readUInt32BE() % 100_000_000).padStart(8, '0')
  const day = now.toISOString().slice(0, 10).replaceAll('-', '')
  return { purchaseId, paymentId: input.paymentId ?? `TPMTID${day}KR${number}` }
}

function checkPayment(found: string | undefined, expected: string | undefined): Check {
  if (expected === undefined) return { name: 'transaction', ok: null, detail: 'there is no transaction id to compare with' }
  if (found === expected) return { name: 'transaction', ok: true, detail: `the payment id is ${expected}` }
  return { name: 'transaction', ok: false, detail: `the store has payment id ${found ?? '(none)'}, the game says ${expected}` }
}

function claimsOf(purchaseId: string, { paymentId, productId, app }: SamsungPurchase): SamsungClaims {
  return { purchaseId, ...(paymentId && { paymentId }), ...(productId && { productId }), ...(app && { app }) }
}
