import {
  childrenOf,
  constructed,
  derOf,
  kindOfElement,
  integer,
  integerOf,
  isTagged,
  Malformed,
  octetsOf,
  primitive,
  readElement,
  tag,
  type Element,
} from '../../pki/asn1.js'
import { readDate, type ReceiptDate } from './receipt-date.js'

/** The attribute of a unified receipt that holds one in-app record, itself a set of attributes; it may be repeated. */
export const inAppCode = 17

/** Attributes of the receipt itself by the name they have in claims (vendor reference and checks on genuine receipts). */
export const receiptFields = {
  receiptType: { code: 0, kind: 'text' },
  bundleId: { code: 2, kind: 'text' },
  appVersion: { code: 3, kind: 'text' },
  createdAt: { code: 12, kind: 'date' },
  originalPurchaseDate: { code: 18, kind: 'date' },
  originalAppVersion: { code: 19, kind: 'text' },
  expiresAt: { code: 21, kind: 'date' },
} as const satisfies Fields

/** Attributes of one in-app record by the name they have in claims. */
export const itemFields = {
  quantity: { code: 1701, kind: 'number' },
  productId: { code: 1702, kind: 'text' },
  transactionId: { code: 1703, kind: 'text' },
  purchaseDate: { code: 1704, kind: 'date' },
  originalTransactionId: { code: 1705, kind: 'text' },
  originalPurchaseDate: { code: 1706, kind: 'date' },
  type: { code: 1707, kind: 'number' },
  expiresDate: { code: 1708, kind: 'date' },
  webOrderLineItemId: { code: 1711, kind: 'digits' },
  cancellationDate: { code: 1712, kind: 'date' },
  isTrial: { code: 1713, kind: 'flag' },
  isIntroOffer: { code: 1719, kind: 'flag' },
} as const satisfies Fields

type Fields = Record<string, { code: number; kind: keyof Kinds }>

interface Kinds {
  text: string
  date: ReceiptDate
  number: number
  /** A 64 bit number as decimal text, because JSON would round it. */
  digits: string
  flag: boolean
}

/** Result of reading a field table, without fields that the receipt does not have. */
export type Values<F extends Fields> = { -readonly [Name in keyof F]?: Kinds[F[Name]['kind']] }

/** One attribute: SEQUENCE of type, version and an OCTET STRING, whose bytes are another element. */
export interface Attribute {
  code: number
  /** Latin-1 bytes. */
  value: string
}

/**
 * Reads a SET of attributes in whatever order they come.
 *
 * @throws Malformed when it is anything else.
 */
export function readAttributes(bytes: string, what: string): Attribute[] {
  const set = readElement(bytes)
  if (!isTagged(set, tag.SET)) throw new Malformed(`${what} is ${kindOfElement(set)} in place of a SET of attributes`)
  return childrenOf(set, what).map((element) => {
    const [code, , value] = childrenOf(element, `an attribute of ${what}`)
    const number = Number(integerOf(code, `an attribute type of ${what}`))
    return { code: number, value: octetsOf(value, `attribute ${number} of ${what}`) }
  })
}

/**
 * Picks the fields of a table out of attributes; the first of equal attributes counts, unknown ones are passed over.
 *
 * @throws Malformed when a known field holds the wrong kind of value.
 */
export function pickFields<F extends Fields>(fields: F, attributes: readonly Attribute[], what: string): Values<F> {
  const values: Record<string, unknown> = {}
  for (const [name, { code, kind }] of Object.entries(fields)) {
    const found = attributes.find((candidate) => candidate.code === code)
    if (!found || found.value === '') continue
    const value = readValue(kind, readElement(found.value), `attribute ${code} (${name}) of ${what}`)
    if (value !== undefined) values[name] = value
  }
  // Each value was read by the kind its own table entry names.
  return values as Values<F>
}

/** The attributes for values, in the order of the table; whatever is absent gets none. */
export function writeFields<F extends Fields>(fields: F, values: Values<F>): Element[] {
  return Object.entries(fields).flatMap(([name, { code, kind }]) => {
    const value = values[name]
    return value === undefined ? [] : [attribute(code, writeValue(kind, value))]
  })
}

/** One attribute around an element, or around bytes that are not an element. */
export function attribute(code: number, value: Element | Buffer): Element {
  const bytes = Buffer.isBuffer(value) ? value : derOf(value)
  return constructed(tag.SEQUENCE, [integer(code), integer(1), primitive(tag.OCTETSTRING, bytes.toString('latin1'))])
}

function readValue(kind: keyof Kinds, element: Element, what: string): unknown {
  if (kind === 'text') return textOf(element, what)
  if (kind === 'date') return readDate(textOf(element, what))
  const number = numberOf(element, what)
  if (number === undefined) return undefined
  if (kind === 'digits') return number.toString()
  if (kind === 'flag') return number !== 0n
  if (number > BigInt(Number.MAX_SAFE_INTEGER) || number < 0n) throw new Malformed(`${what} is ${number}, out of range`)
  return Number(number)
}

function writeValue(kind: keyof Kinds, value: Kinds[keyof Kinds]): Element {
  if (typeof value === 'object') return primitive(tag.IA5STRING, value.text)
  if (kind === 'text') return primitive(tag.UTF8, Buffer.from(`${value}`).toString('latin1'))
  return integer(BigInt(value))
}

const stringTags: readonly number[] = [tag.UTF8, tag.IA5STRING, tag.PRINTABLESTRING]

function textOf(element: Element, what: string): string {
  const isText = stringTags.some((number) => isTagged(element, number))
  if (!isText || typeof element.value !== 'string') throw new Malformed(`${what} is ${kindOfElement(element)} in place of text`)
  return isAscii(element.value) ? element.value : Buffer.from(element.value, 'latin1').toString('utf8')
}

function isAscii(bytes: string): boolean {
  return !/[\u0080-\u00ff]/.test(bytes)
}

/** Writers other than Apple put some numbers as text; an empty text is an absent number. */
function numberOf(element: Element, what: string): bigint | undefined {
  if (isTagged(element, tag.INTEGER)) return integerOf(element, what)
  const text = textOf(element, what)
  if (text === '') return undefined
  if (!/^\d{1,19}$/.test(text)) throw new Malformed(`${what} is text that is no number`)
  return BigInt(text)
}
