import { type KeyObject, sign } from 'node:crypto'
import { z } from 'zod'
import { nameOfKind } from '../kernel/body.js'
import { editDistance, nearest } from '../kernel/nearest.js'
import { brief, show } from '../kernel/show.js'
import { decodeBase64 } from '../pki/base64.js'
import { formClause, type Unsigned } from './forms.js'
import { nestsTooDeep, parseObject } from './json-object.js'
import { claimsOf, productIdOf, purchaseData, purchaseFields, type PurchaseData } from './purchase-data.js'
import { rsaSignatureHolds } from './rsa-signature.js'
import { type Check, type Verdict, verdict } from './verdict.js'

/** Facts that the store knows of a minted purchase and its data do not have. */
const soldMembers = {
  register: z.boolean().optional().describe('False: the store does not know the purchase. Default: true'),
  priceMicros: z.int().min(0).optional(),
  accountId: z.string().optional().describe('The same as obfuscatedAccountId'),
  customer: z.string().min(1).optional(),
  period: z.string().optional().describe('ISO 8601 duration of one period; makes the purchase a subscription'),
}

const latest = Date.UTC(9999, 11, 31)

/** Fields of the purchase data to mint, with values that a store can have; `null` leaves out a field that would get a default. */
export const mintInput = z
  .looseObject({
    ...purchaseData.shape,
    packageName: purchaseFields.packageName.min(1),
    productId: purchaseFields.productId.min(1).optional(),
    productIds: z.array(purchaseFields.productId.min(1)).min(1).optional(),
    orderId: purchaseFields.orderId.nullish(),
    purchaseTime: z.int().min(0).max(latest).nullish(),
    purchaseState: purchaseFields.purchaseState
      .refine((state) => [0, 1, 2, 4].includes(state), 'must be 0 purchased, 1 cancelled, 2 refunded or 4 pending')
      .describe('0 purchased, 1 cancelled, 2 refunded, 4 pending')
      .nullish(),
    purchaseToken: purchaseFields.purchaseToken.min(1).nullish(),
    quantity: z.int().min(1).nullish(),
    acknowledged: purchaseFields.acknowledged.nullish(),
    subscription: z.boolean().optional(),
    ...soldMembers,
    tamper: z
      .enum(['signature', 'data', 'key', 'token'])
      .optional()
      .describe('token: the purchase token differs in one character from the one that the store sold'),
  })
  .refine((input) => input.productId !== undefined || input.productIds !== undefined, { path: ['productId'], error: 'give a productId' })
  .refine(({ subscription, period, autoRenewing }) => subscription !== false || (period ?? autoRenewing) === undefined, {
    path: ['subscription'],
    error: 'is false, and period and autoRenewing are those of a subscription',
  })
  .refine((input) => !nestsTooDeep(input), 'nests too deep')
export type MintInput = z.input<typeof mintInput>

/** Returns a warning for each member that purchase data do not have. It is signed as it is, because Google adds fields over time. */
export function unknownMembers(input: MintInput): string[] {
  const known = Object.keys(mintInput.shape)
  const unknown = Object.keys(input).filter((name) => !known.includes(name))
  return unknown.slice(0, mostWarnings).map((name) => {
    const [near = ''] = nearest(brief(name, longestName), known)
    const isNear = editDistance(brief(name, longestName).toLowerCase(), near.toLowerCase()) <= Math.max(2, name.length / 3)
    const advice = isNear ? ` Did you mean ${near}?` : ''
    return `${show(brief(name, longestName))} is not a known field of purchase data. It was signed as it is.${advice}`
  })
}

const mostWarnings = 20
const longestName = 40

/** Dependencies of minting: keys, the time, and a source of random bytes. */
export interface MintContext {
  key: KeyObject
  foreignKey: KeyObject
  now: Date
  random: (size: number) => Buffer
}

/** A purchase as a device hands it to the game: the exact text, and its signature in Base64. */
export interface SignedPurchase {
  purchaseData: string
  signature: string
}

/** Makes a purchase that a holder of the public half of `key` accepts, or one that is forged in the way `tamper` says. */
export function mint(input: MintInput, { key, foreignKey, now, random }: MintContext): SignedPurchase {
  const { subscription, tamper, accountId, register: _register, priceMicros: _price, customer: _customer, period, ...given } = input
  // The order of the keys is that of a real purchase; what is given replaces in place.
  const usual: Record<string, unknown> = {
    orderId: orderIdFrom(random(17)),
    packageName: undefined,
    productId: undefined,
    purchaseTime: now.getTime(),
    purchaseState: 0,
    purchaseToken: purchaseTokenFrom(random(24), random(85)),
    quantity: 1,
    autoRenewing: subscription || period !== undefined || undefined,
    acknowledged: false,
    obfuscatedAccountId: accountId,
  }
  const data = { ...usual, ...given }
  for (const name of Object.keys(purchaseFields)) if (data[name] === null) delete data[name]
  if (tamper === 'token' && typeof data['purchaseToken'] === 'string') data['purchaseToken'] = otherToken(data['purchaseToken'])
  const text = JSON.stringify(data)
  const signature = sign('sha1', Buffer.from(text), tamper === 'key' ? foreignKey : key)
  if (tamper === 'signature') signature[signature.length >> 1]! ^= 1
  if (tamper !== 'data') return { purchaseData: text, signature: signature.toString('base64') }
  const later = (input.purchaseTime ?? now.getTime()) + 1000
  return { purchaseData: JSON.stringify({ ...data, purchaseTime: later }), signature: signature.toString('base64') }
}

/** A verdict; with the text that was signed if the purchase data are another spelling of the same JSON. */
export type GooglePlayVerdict = Verdict<PurchaseData> & { signedText?: string }

/**
 * Judges a purchase as Google's own sample code does: RSA PKCS#1 v1.5 with SHA-1 over the text's exact UTF-8 bytes. Without a
 * key the signature stays open; the app is checked when a package name is expected. `unsigned` replaces a signature that is not a
 * string. Claims hold the fields of the right type.
 */
export function verify(
  text: string,
  signature: string,
  key: KeyObject | null,
  expect: { packageName?: string | undefined; unsigned?: Unsigned | undefined } = {},
): GooglePlayVerdict {
  const { claims, check } = readPurchase(text)
  const { signedText, ...signed } = checkSignature(text, expect.unsigned ?? signature, key)
  const checks: Check[] = [check, signed]
  if (expect.packageName !== undefined) checks.push(checkApp(claims?.packageName, expect.packageName))
  return { ...verdict(checks, claims), ...(signedText !== undefined && { signedText }) }
}

function readPurchase(text: string): { claims?: PurchaseData; check: Check } {
  const read = parseObject(text)
  if (!read.ok) return { check: { name: 'parse', ok: false, detail: `the purchase data ${read.reason}${formClause(text)}` } }
  const { claims, misfits } = claimsOf(read.value)
  const unusual = misfits.length === 0 ? '' : `; of another type than usual: ${misfits.join(', ')}`
  return { claims, check: { name: 'parse', ok: true, detail: summaryOf(claims) + unusual } }
}

function summaryOf(data: PurchaseData): string {
  return `purchase of ${productIdOf(data) ?? 'no product'} in ${data.packageName ?? 'no package'}`
}

function checkSignature(text: string, signature: string | Unsigned, key: KeyObject | null): Check & { signedText?: string } {
  if (key === null) return { name: 'signature', ok: null, detail: 'there is no licence key to check the signature with' }
  if (typeof signature === 'object') {
    const { value } = signature
    return unsigned(`the signature is ${value === undefined ? 'missing' : nameOfKind(value)}; it should be a string in Base64`)
  }
  const decoded = decodeBase64(signature)
  if (!decoded.ok) return unsigned(`the signature ${decoded.reason}`)
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  const needed = Math.ceil(bits / 8)
  if (decoded.bytes.length !== needed) {
    return unsigned(`the signature is ${decoded.bytes.length} bytes long; one made with this ${bits} bit key has ${needed}`)
  }
  // A lone surrogate has no UTF-8 form; Buffer would write a replacement character, and two texts would share one signature.
  if (!text.isWellFormed()) return unsigned('the purchase data holds half of a surrogate pair, which cannot have been signed')
  if (rsaSignatureHolds('sha1', text, { key, signature: decoded.bytes }))
    return { name: 'signature', ok: true, detail: `signed with the ${bits} bit licence key` }
  const original = signedSpelling(text, { key, signature: decoded.bytes })
  if (original) {
    const lengths = `${text.length} characters, ${original.text.length} were signed`
    const detail = `the signature does not fit these characters: ${original.words} after signing (${lengths}); send the text as the device gave it`
    return { ...unsigned(detail), signedText: original.text }
  }
  return unsigned('the signature does not fit: the data or the signature was changed after signing, or another key signed it')
}

/** Another spelling of the same JSON that the signature fits, and what it is; undefined if there is none among the usual ones. */
function signedSpelling(text: string, by: { key: KeyObject; signature: Buffer }): { text: string; words: string } | undefined {
  const read = parseObject(text)
  if (!read.ok) return undefined
  const compact = JSON.stringify(read.value)
  const spellings = [
    [text.trim(), 'it fits the same text without the white space around it'],
    [compact, 'it fits the compact form of the same JSON, so the purchase data was printed anew, with blanks for example'],
    // Some JSON writers escape slashes.
    [
      compact.replaceAll('/', '\\/'),
      'it fits the compact form of the same JSON with its slashes escaped, so the purchase data was printed anew',
    ],
  ] as const
  const found = spellings.find(([spelling]) => spelling !== text && rsaSignatureHolds('sha1', spelling, by))
  return found && { text: found[0], words: found[1] }
}

function unsigned(detail: string): Check {
  return { name: 'signature', ok: false, detail }
}

function checkApp(found: string | undefined, expected: string): Check {
  if (found === expected) return { name: 'app', ok: true, detail: `the package is ${expected}` }
  return { name: 'app', ok: false, detail: `the package is ${found ?? 'not named'}, expected ${expected}` }
}

/** Returns a token that differs in its last character. */
function otherToken(token: string): string {
  return `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
}

/** An order id like `GPA.3300-0000-0000-00001`, its 17 digits from 17 bytes. */
function orderIdFrom(bytes: Buffer): string {
  const digits = Array.from(bytes, (byte) => byte % 10).join('')
  return `GPA.${digits.slice(0, 4)}-${digits.slice(4, 8)}-${digits.slice(8, 12)}-${digits.slice(12)}`
}

/** A purchase token of the usual 144 characters: 24 letters, a dot, `AO-J1O`, and 113 of Base64url. */
function purchaseTokenFrom(letters: Buffer, rest: Buffer): string {
  const word = Array.from(letters, (byte) => String.fromCharCode(97 + (byte % 26))).join('')
  return `${word}.AO-J1O${rest.toString('base64url').slice(0, 113)}`
}
