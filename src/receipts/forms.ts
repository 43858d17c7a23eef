import { decodeBase64 } from '../pki/base64.js'
import { looksLikePropertyList } from './app-store/property-list.js'
import { looksLikeSignedData } from './app-store/signed-data.js'
import { parseObject } from './json-object.js'

/** A Google Play purchase in its two parts. */
export interface PurchaseParts {
  purchaseData: string
  signature: string
  unsigned?: Unsigned
}

/** The value in the place of a signature that is not a string; undefined if there is none. */
export interface Unsigned {
  value: unknown
}

/** The form of a text that stands where a receipt is expected: its name with an article, what to send in its place, and what it holds. */
export interface Form {
  name: string
  advice: string
  /** Absent if nothing that could be judged is in it. */
  contents?: string | PurchaseParts
}

/**
 * Names the form of a string that was presented as a receipt but is not one in this form; undefined for an ordinary receipt and for a text
 * of which nothing is known.
 */
export function formOf(text: string): Form | undefined {
  if (isBinaryReceipt(text)) return binaryForm(text)
  if (text.includes('\0')) return utf16Form(text)
  if (text.startsWith(byteOrderMark)) {
    return { name: 'a text behind a byte order mark (U+FEFF)', advice: 'send it without the mark', contents: text.slice(1) }
  }
  const trimmed = text.trim()
  if (trimmed.startsWith('"')) return jsonStringForm(trimmed)
  if (trimmed.startsWith('{')) return objectForm(trimmed)
  return plainForm(text)
}

/** Returns a clause about an unreadable receipt: its form and what to send instead; empty if the form is not known. */
export function formClause(text: string): string {
  const form = formOf(text)
  return form === undefined ? '' : `; it is ${form.name}: ${form.advice}`
}

/**
 * The two parts of a Google Play purchase in the members of an object, under the names of the control API, of Unity's payload or of
 * Mbaasy. The signature is empty if there is none.
 */
export function purchaseParts(members: Record<string, unknown>): PurchaseParts | undefined {
  const { purchaseData, json, purchase_data: data, signature, purchase_signature: itsSignature } = members
  const text = [purchaseData, json, data].find((each) => typeof each === 'string')
  if (text === undefined) return undefined
  const signed = [signature, itsSignature].find((each) => typeof each === 'string')
  if (signed !== undefined) return { purchaseData: text, signature: signed }
  return { purchaseData: text, signature: '', unsigned: { value: signature === undefined ? itsSignature : signature } }
}

/** Returns true if the members are those of a Unity container. */
export function isUnityContainer(members: Record<string, unknown>): boolean {
  return Object.hasOwn(members, 'Payload') || Object.hasOwn(members, 'Store')
}

const byteOrderMark = '\ufeff'

/** Returns true for the bytes of SignedData as characters, also after those that are not UTF-8 were replaced. */
function isBinaryReceipt(text: string): boolean {
  // A SEQUENCE of at most eight bytes of head, then the identifier of SignedData, of which three bytes are not ASCII.
  const at = text.startsWith('0') ? text.slice(0, 12).indexOf('\u0006\t*') : -1
  return at > 0 && text.charAt(at + 4) === 'H' && text.startsWith('\r\u0001\u0007\u0002', at + 7)
}

function binaryForm(text: string): Form {
  const name = 'the receipt file of a device in binary'
  const bytes = Buffer.from(text, 'latin1')
  if (bytes.toString('latin1') !== text) {
    return { name, advice: 'some of its bytes were lost when it was read as text; read it as bytes and send them in Base64' }
  }
  return { name, advice: 'send its bytes in Base64', contents: bytes.toString('base64') }
}

function utf16Form(text: string): Form | undefined {
  const plain = text.replace(/^(?:\ufeff|[\u00ff\u00fe\ufffd]{2})/, '')
  const contents = plain.replaceAll('\0', '')
  if (contents === '' || (!hasZeros(plain, 0) && !hasZeros(plain, 1))) return undefined
  return { name: 'a text in UTF-16', advice: 'send it in UTF-8', contents }
}

/** Returns true if every second character at the beginning is the zero byte that UTF-16 has beside an ASCII character. */
function hasZeros(text: string, from: number): boolean {
  for (let at = from; at < text.length && at < 64; at += 2) if (text.charAt(at) !== '\0') return false
  return true
}

function jsonStringForm(text: string): Form | undefined {
  const contents = parseString(text)
  if (contents === undefined) return undefined
  return {
    name: 'a JSON string, so it was encoded as JSON once more than it should be',
    advice: 'send the text that the string holds',
    contents,
  }
}

function parseString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** Names under which libraries hand on a Google Play purchase and its signature. */
const pairs = [
  { data: 'dataAndroid', signature: 'signatureAndroid', from: 'react-native-iap' },
  { data: 'data_android', signature: 'signature_android', from: 'an app over react-native-iap' },
  { data: 'INAPP_PURCHASE_DATA', signature: 'INAPP_DATA_SIGNATURE', from: 'the billing service of Android' },
  { data: 'inappPurchaseData', signature: 'signature', from: 'a billing library' },
  { data: 'originalJson', signature: 'signature', from: 'the Play Billing library' },
  { data: 'data', signature: 'signature', from: 'the npm package in-app-purchase' },
  { data: 'receipt', signature: 'signature', from: 'cordova-plugin-purchase' },
] as const

/** Members that hold an App Store receipt, and where they come from. */
const receiptMembers = [
  ['receipt-data', 'the request of Apple’s verifyReceipt'],
  ['receipt_data', 'the request of Apple’s verifyReceipt'],
  ['appStoreReceipt', 'a transaction of cordova-plugin-purchase'],
  ['transactionReceipt', 'a purchase of react-native-iap'],
  ['transaction_receipt', 'a purchase of react-native-iap'],
  ['latest_receipt', 'an answer of Apple’s verifyReceipt'],
  ['jwsRepresentation', 'a transaction of StoreKit 2'],
  ['signedPayload', 'a notification of the App Store'],
  ['signedTransactionInfo', 'an answer of the App Store Server API'],
  ['signedRenewalInfo', 'an answer of the App Store Server API'],
  ['signedAppTransactionInfo', 'an answer of the App Store Server API'],
] as const

function objectForm(text: string): Form | undefined {
  const read = parseObject(text)
  if (!read.ok) return propertyListForm(text)
  const members = read.value
  if (isUnityContainer(members)) return containerForm(members)
  return pairForm(members) ?? miscasedContainerForm(members) ?? receiptMemberForm(members) ?? purchaseDataForm(members)
}

function propertyListForm(text: string): Form | undefined {
  if (!/^\{\s*"?(?:signature|purchase-info|environment|pod|signing-status)"?\s*=/.test(text)) return undefined
  return {
    name: 'the property list of a transaction receipt as a device has it',
    advice: 'send its bytes in Base64',
    contents: Buffer.from(text).toString('base64'),
  }
}

function containerForm({ Store, Payload }: Record<string, unknown>): Form {
  const name = `a Unity container${typeof Store === 'string' ? ` of ${shown(Store)}` : ''}`
  const advice = 'send what its Payload holds, not the container'
  return typeof Payload === 'string' ? { name, advice, contents: Payload } : { name, advice }
}

function pairForm(members: Record<string, unknown>): Form | undefined {
  const own = purchaseParts(members)
  if (own)
    return {
      name: `a Google Play purchase with its signature, ${keysOf(members)}`,
      advice: 'send each part in the field it is for',
      contents: own,
    }
  for (const { data, signature, from } of pairs) {
    const [text, signed] = [members[data], members[signature]]
    if (typeof signed !== 'string' || (data === 'receipt' && typeof text === 'object')) continue
    if (typeof text !== 'string' && !isObject(text)) continue
    const purchaseData = typeof text === 'string' ? text : JSON.stringify(text)
    const kind = members['type'] === 'android-playstore' ? '{"type":"android-playstore",…}' : `{"${data}","${signature}"}`
    return {
      name: `a Google Play purchase in the form ${kind} of ${from}`,
      advice: `send "${data}" as the purchase data and "${signature}" as its signature`,
      contents: { purchaseData, signature: signed },
    }
  }
  return undefined
}

/** A container whose names are written in another case, which counts as not having them. */
function miscasedContainerForm(members: Record<string, unknown>): Form | undefined {
  const named = (name: string) => Object.keys(members).find((key) => key.toLowerCase() === name.toLowerCase())
  const [store, id, payload] = [named('Store'), named('TransactionID'), named('Payload')]
  if (payload === undefined || (store === undefined && id === undefined)) return undefined
  const contents = JSON.stringify({
    ...(store !== undefined && { Store: members[store] }),
    ...(id !== undefined && { TransactionID: members[id] }),
    Payload: members[payload],
  })
  const found = [store, id, payload].flatMap((key) => (key === undefined ? [] : [`"${key}"`])).join(', ')
  return {
    name: `a Unity container with names in the wrong case (${found})`,
    advice: 'write "Store", "TransactionID" and "Payload", as Unity does',
    contents,
  }
}

function receiptMemberForm(members: Record<string, unknown>): Form | undefined {
  for (const [name, from] of receiptMembers) {
    const value = members[name]
    if (typeof value !== 'string') continue
    return { name: `an object with "${name}", ${from}`, advice: `send the value of "${name}" alone`, contents: value }
  }
  const { receipt, event } = members
  if (typeof receipt === 'string') {
    return { name: 'a JSON object around {"receipt":…}', advice: 'send the value of "receipt" alone', contents: receipt }
  }
  if (isObject(receipt)) {
    const contents = JSON.stringify(receipt)
    return { name: 'a JSON object around {"receipt":{…}}', advice: 'send the value of "receipt" alone, as text', contents }
  }
  if (isObject(event) && typeof event['receipt'] === 'string') {
    const contents = event['receipt']
    return { name: 'the entire body of a report, {"event":{"receipt":…}}', advice: 'the receipt is the value of "receipt" in it', contents }
  }
  return undefined
}

function purchaseDataForm(members: Record<string, unknown>): Form | undefined {
  if (typeof members['packageName'] !== 'string' || !('purchaseTime' in members || 'purchaseToken' in members)) return undefined
  return {
    name: 'the purchase data of Google Play without its signature',
    advice: 'send it together with the signature that the device got beside it',
  }
}

function plainForm(text: string): Form | undefined {
  const trimmed = text.trim()
  return (
    signedTokenForm(trimmed) ??
    envelopedForm(trimmed) ??
    // A blank at the end may be a "+" of the Base64.
    respelledForm(text.replaceAll(/[\r\n]/g, '')) ??
    respelledForm(trimmed) ??
    encodedTwiceForm(trimmed)
  )
}

/** StoreKit 2 hands out signed tokens in place of receipts. */
function signedTokenForm(text: string): Form | undefined {
  const algorithm = algorithmOf(text)
  if (algorithm === undefined) return undefined
  return {
    name: `a signed transaction of StoreKit 2 (a JWS signed with ${shown(algorithm)}, "${text.slice(0, 20)}…")`,
    advice: 'send the app receipt instead, which is the file at Bundle.main.appStoreReceiptURL in Base64',
  }
}

/** Returns true for a compact JWS, such as a transaction of StoreKit 2. */
export function isSignedToken(text: string): boolean {
  return algorithmOf(text.trim()) !== undefined
}

/** Algorithm in the header of a compact JWS, undefined for every other string. */
function algorithmOf(text: string): string | undefined {
  const [header, ...others] = text.length < longestToken ? text.split('.') : []
  if (header === undefined || others.length !== 2 || ![header, ...others].every((part) => /^[\w-]+$/.test(part))) return undefined
  const read = parseObject(Buffer.from(header, 'base64url').toString())
  return read.ok && typeof read.value['alg'] === 'string' ? read.value['alg'] : undefined
}

/** A certificate or a transaction of StoreKit 2 is a few kilobytes; more is not looked into. */
const longestToken = 262_144

function envelopedForm(text: string): Form | undefined {
  const pem = /^-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)
  if (pem) return { name: `PEM (${pem[1]})`, advice: 'send the Base64 between its two lines', contents: pem[2]!.replaceAll(/\s/g, '') }
  const prefix = /^data:[^,]{0,100};base64,/.exec(text)?.[0]
  if (prefix === undefined) return undefined
  return { name: `a data URL ("${prefix}…")`, advice: 'send what follows the comma', contents: text.slice(prefix.length) }
}

/** Base64 in another spelling, if a receipt comes out of it. */
function respelledForm(text: string): Form | undefined {
  const respelled = (name: string, advice: string, contents: string): Form | undefined =>
    isReceipt(contents) ? { name, advice, contents } : undefined
  if (/%(?:2b|2f|3d)/i.test(text)) {
    return respelled('Base64 with percent escapes', 'undo the escapes', text.replaceAll(/%(2b|2f|3d)/gi, decodeURIComponent))
  }
  if (/^[\w-]+=*$/.test(text) && /[-_]/.test(text)) {
    const standard = text.replaceAll('-', '+').replaceAll('_', '/')
    return respelled('Base64 in the alphabet for URLs', 'write "+" and "/" in place of "-" and "_"', standard)
  }
  if (/^[A-Za-z0-9+/ ]+=*$/.test(text) && text.includes(' ')) {
    return respelled('Base64 whose "+" became blanks, as a form does', 'send a form with "%2B", or JSON', text.replaceAll(' ', '+'))
  }
  return undefined
}

function encodedTwiceForm(text: string): Form | undefined {
  const bytes = bytesOf(text)
  if (bytes === undefined || isReceiptBytes(bytes)) return undefined
  const inner = bytes.toString('utf8')
  if (isReceipt(inner) || encodedTwiceForm(inner)) {
    return { name: 'a receipt in Base64 that was encoded in Base64 again', advice: 'encode the receipt once', contents: inner }
  }
  const isKnown = parseObject(inner).ok || inner.startsWith(byteOrderMark) || parseString(inner.trim()) !== undefined
  if (isKnown || signedTokenForm(inner)) return { name: 'another text in Base64', advice: 'send the text itself', contents: inner }
  return undefined
}

/** Returns true for a string whose first bytes are those of an App Store receipt in Base64. */
export function isReceipt(text: string): boolean {
  const bytes = bytesOf(text)
  return bytes !== undefined && isReceiptBytes(bytes)
}

function isReceiptBytes(bytes: Buffer): boolean {
  return looksLikeSignedData(bytes) || (looksLikePropertyList(bytes) && !parseObject(bytes.toString('latin1')).ok)
}

/** The bytes of Base64 in lines or not, padded or not. */
function bytesOf(text: string): Buffer | undefined {
  const joined = text.replaceAll(/[\s=]+/g, '')
  const decoded = decodeBase64(joined + '='.repeat((4 - (joined.length % 4)) % 4))
  return decoded.ok ? decoded.bytes : undefined
}

function keysOf(members: Record<string, unknown>): string {
  const names = Object.keys(members).slice(0, 4)
  return shown(`{${names.map((name) => `"${name}"`).join(',')}}`)
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
