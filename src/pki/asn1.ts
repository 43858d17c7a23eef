import type Forge from 'node-forge'
import { forge } from './forge.js'

/** One ASN.1 element as node-forge reads it: `value` holds bytes as Latin-1 text, or children. */
export type Element = Forge.asn1.Asn1

/** Thrown when bytes are not the ASN.1 they should be; the message says what is wrong and never leaves a verdict function. */
export class Malformed extends Error {}

// Of the universal class (X.680).
const tagNumbers = {
  NONE: 0,
  BOOLEAN: 1,
  INTEGER: 2,
  BITSTRING: 3,
  OCTETSTRING: 4,
  NULL: 5,
  OID: 6,
  ODESC: 7,
  EXTERNAL: 8,
  REAL: 9,
  ENUMERATED: 10,
  EMBEDDED: 11,
  UTF8: 12,
  ROID: 13,
  SEQUENCE: 16,
  SET: 17,
  PRINTABLESTRING: 19,
  IA5STRING: 22,
  UTCTIME: 23,
  GENERALIZEDTIME: 24,
  BMPSTRING: 30,
} as const

/** Tag numbers by name, for building and for asking what an element is. */
export const tag = tagNumbers as unknown as Readonly<Record<keyof typeof tagNumbers, Forge.asn1.Type>>

const universal: Forge.asn1.Class = 0x00
const contextSpecific: Forge.asn1.Class = 0x80
const longestOid = 64

/**
 * Reads exactly one BER or DER element; depth is bounded by node-forge, size by the caller. With `mayGoOn`, bytes behind the element
 * are passed over.
 *
 * @throws Malformed if the bytes are cut, nest too deep, or go on after the element unasked.
 */
export function readElement(bytes: Uint8Array | string, { mayGoOn = false }: { mayGoOn?: boolean } = {}): Element {
  try {
    return (forge().asn1.fromDer as unknown as FromDer)(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1'), {
      decodeBitStrings: false,
      parseAllBytes: !mayGoOn,
    })
  } catch (error) {
    throw new Malformed(`cut or damaged ASN.1: ${error instanceof Error ? error.message : String(error)}`)
  }
}

// node-forge takes these options since 1.0; its published types know only a boolean here. Decoding bit strings on a guess costs
// time twice over and cannot be written back byte for byte.
type FromDer = (bytes: string, options: { decodeBitStrings: boolean; parseAllBytes: boolean }) => Element

/** True if an element is of the universal class with this tag number. */
export function isTagged(element: Element | undefined, number: Forge.asn1.Type): element is Element {
  return element?.tagClass === universal && element.type === number
}

/** True if an element is context-specific, written `[n]` in specifications. */
export function isContext(element: Element | undefined, number: number): element is Element {
  // Outside the universal class the number does not name a type, although the published types say so.
  const type: number | undefined = element?.type
  return element?.tagClass === contextSpecific && type === number
}

/**
 * The children of a constructed element.
 *
 * @throws Malformed if the element is missing or primitive; `what` names it in the message.
 */
export function childrenOf(element: Element | undefined, what: string): Element[] {
  if (element === undefined) throw new Malformed(`${what} is missing`)
  if (typeof element.value === 'string') throw new Malformed(`${what} is not constructed (tag ${element.type})`)
  return element.value
}

/**
 * The bytes of an OCTET STRING as Latin-1 text; BER may cut one into any number of pieces.
 *
 * @throws Malformed when the element is something else.
 */
export function octetsOf(element: Element | undefined, what: string): string {
  if (!isTagged(element, tag.OCTETSTRING)) throw new Malformed(`${what} is ${kindOfElement(element)} in place of an OCTET STRING`)
  if (typeof element.value === 'string') return element.value
  return element.value.map((piece) => octetsOf(piece, what)).join('')
}

/** The dotted form of an OBJECT IDENTIFIER. @throws Malformed when the element is something else. */
export function oidOf(element: Element | undefined, what: string): string {
  if (!isTagged(element, tag.OID) || typeof element.value !== 'string' || element.value === '') {
    throw new Malformed(`${what} is ${kindOfElement(element)} in place of an OBJECT IDENTIFIER`)
  }
  if (element.value.length > longestOid) throw new Malformed(`${what} is an OBJECT IDENTIFIER of ${element.value.length} bytes`)
  return forge().asn1.derToOid(element.value)
}

/** An INTEGER of at most 64 bits, the most any field here needs. @throws Malformed when it is larger or no INTEGER. */
export function integerOf(element: Element | undefined, what: string): bigint {
  if (!isTagged(element, tag.INTEGER) || typeof element.value !== 'string') {
    throw new Malformed(`${what} is ${kindOfElement(element)} in place of an INTEGER`)
  }
  const { length } = element.value
  if (length === 1) return BigInt((element.value.charCodeAt(0) << 24) >> 24)
  if (length === 2) return BigInt((((element.value.charCodeAt(0) << 8) | element.value.charCodeAt(1)) << 16) >> 16)
  if (length === 0 || length > 9) throw new Malformed(`${what} is an INTEGER of ${length} bytes`)
  return BigInt.asIntN(length * 8, BigInt(`0x${Buffer.from(element.value, 'latin1').toString('hex')}`))
}

/** The element as DER bytes. */
export function derOf(element: Element): Buffer {
  return Buffer.from(encoded(element), 'latin1')
}

/** The element as Latin-1 text; faster than node-forge, which copies each level byte by byte. It writes what needs more than a tag and a length. */
function encoded(element: Element): string {
  const { tagClass, type, constructed: isConstructed, value } = element
  const isComposed = typeof value !== 'string'
  const isPlain = isComposed === isConstructed && !('bitStringContents' in element) && (isComposed || isWrittenAsRead(type, value))
  if (!isPlain) return forge().asn1.toDer(element).getBytes()
  const body = isComposed ? value.map(encoded).join('') : value
  return String.fromCharCode(tagClass | type | (isConstructed ? 0x20 : 0)) + lengthOf(body.length) + body
}

/** False for values that node-forge writes in another form than it read. */
function isWrittenAsRead(type: number, value: string): boolean {
  if (type === tagNumbers.INTEGER) return value.length === 1 || (value.charCodeAt(0) !== 0 && value.charCodeAt(0) !== 0xff)
  return type !== tagNumbers.BMPSTRING
}

function lengthOf(length: number): string {
  if (length < 0x80) return String.fromCharCode(length)
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 0x100)) bytes.unshift(rest % 0x100)
  return String.fromCharCode(0x80 | bytes.length, ...bytes)
}

/** Description of an element for a message. */
export function kindOfElement(element: Element | undefined): string {
  if (element === undefined) return 'missing'
  if (element.tagClass !== universal) return `a tagged element [${element.type}]`
  const [name] = Object.entries(tag).find(([, number]) => number === element.type) ?? []
  return name ?? `tag ${element.type}`
}

/** A universal element around bytes given as Latin-1 text. */
export function primitive(number: Forge.asn1.Type, bytes: string): Element {
  return forge().asn1.create(universal, number, false, bytes)
}

/** A SEQUENCE or SET. */
export function constructed(number: Forge.asn1.Type, children: Element[]): Element {
  return forge().asn1.create(universal, number, true, children)
}

/** A context-specific element: constructed around children, plain around bytes. */
export function context(number: number, value: string | Element[]): Element {
  return forge().asn1.create(contextSpecific, number, typeof value !== 'string', value)
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Element {
  return primitive(tag.OID, forge().asn1.oidToDer(dotted).getBytes())
}

/** A non-negative INTEGER of any size. */
export function integer(value: bigint | number): Element {
  const hex = BigInt(value).toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  const bytes = Buffer.from(even >= '8' ? `00${even}` : even, 'hex')
  return primitive(tag.INTEGER, bytes.toString('latin1'))
}
