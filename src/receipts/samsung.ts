import { readKeyFile } from '../pki/development-keys.js'
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

/** Time and random bytes for new ids. */
interface MintContext {
  now: Date
  random: (size: number) => Buffer
}

/** Ids as Samsung In-App Purchase makes them, for a purchase that the caller registers with the simulated store. */
export function mint(input: { paymentId?: string | undefined; orderId?: string | undefined }, { now, random }: MintContext) {
  const purchaseId = purchaseIdFrom(random)
  const number = String(random(4).readUInt32BE() % 100_000_000).padStart(8, '0')
  const paymentId = input.paymentId ?? `TPMTID${dayOf(now)}KR${number}`
  return { purchaseId, paymentId, orderId: input.orderId ?? orderIdFrom(random, { now }) }
}

/** A purchase id: 64 hexadecimal digits. */
export function purchaseIdFrom(random: MintContext['random']): string {
  return random(32).toString('hex')
}

/** An order id of a day and a country. The real form is not published; this one has the parts of published examples. */
export function orderIdFrom(random: MintContext['random'], { now, country = 'US' }: { now: Date; country?: string | undefined }): string {
  const digits = Array.from(random(10), (byte) => byte % 10).join('')
  return `S${dayOf(now)}${/^[A-Z]{2}$/.test(country) ? country : 'US'}${digits}`
}

/** Returns the private key with which the service account of the default seed signs its JWT, as PEM. */
export function serviceAccountKey(): string {
  return readKeyFile('samsung-service-account.pem')
}

function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10).replaceAll('-', '')
}

function checkPayment(found: string | undefined, expected: string | undefined): Check {
  if (expected === undefined) return { name: 'transaction', ok: null, detail: 'there is no transaction id to compare with' }
  if (found === expected) return { name: 'transaction', ok: true, detail: `the payment id is ${expected}` }
  return { name: 'transaction', ok: false, detail: `the store has payment id ${found ?? '(none)'}, the game says ${expected}` }
}

function claimsOf(purchaseId: string, { paymentId, productId, app }: SamsungPurchase): SamsungClaims {
  return { purchaseId, ...(paymentId && { paymentId }), ...(productId && { productId }), ...(app && { app }) }
}
