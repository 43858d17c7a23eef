import { isSameDecimal } from './decimal.js'
import { escapedName, isNumberLiteral, parseExactJson, unescapedName, writeExactJson, type NumberLiteral } from './exact.js'

/**
 * A number of JSON that JavaScript would write with other digits than were sent, such as 76561198122624102, 1e400 or 12.10. Written as
 * JSON it is a number if a double has the same value, else the string of its digits.
 */
export class NumberAsSent {
  constructor(readonly digits: string) {}

  toJSON(): number | string {
    const number = Number(this.digits)
    return isSameDecimal(this.digits, String(number)) ? number : this.digits
  }
}

/**
 * Parses JSON like JSON.parse, except that numbers with other digits become {@link NumberAsSent}. The text must be valid JSON. `parsed` is
 * the result of JSON.parse for it; without such numbers it is returned unchanged.
 */
export function parseAsSent(text: string, parsed: unknown = JSON.parse(text)): unknown {
  const exact = parseExactJson(text, parsed)
  return exact === parsed ? parsed : asSent(exact)
}

/** Parses JSON like JSON.parse, except that numbers which a double would change become {@link NumberAsSent}. The text must be valid JSON. */
export function parseWithLargeNumbers(text: string): unknown {
  return mayHoldLargeNumbers(text) ? withLargeNumbers(parseExactJson(text)) : JSON.parse(text)
}

/** False for most JSON without numbers that a double would change: a double keeps 15 digits of every number without an exponent. */
export function mayHoldLargeNumbers(text: string): boolean {
  return /[\d.]{16}|\d[eE]/.test(text)
}

/** True for an object of parsed JSON: neither an array nor a {@link NumberAsSent}. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberAsSent)
}

/** Returns JSON of parseExactJson with {@link NumberAsSent} where a double would change a number, and a double everywhere else. */
export function withLargeNumbers(value: unknown): unknown {
  return asSent(value, ({ $number }) => {
    const number = Number($number)
    return isSameDecimal($number, String(number)) ? number : new NumberAsSent($number)
  })
}

/** Writes a value as JSON, compact unless indented, each {@link NumberAsSent} in it with its digits. */
export function writeAsSent(value: unknown, indent?: number): string {
  return writeExactJson(withLiterals(value), indent)
}

/** Returns the member of a parsed value at a path; undefined if there is none. */
export function memberAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let member = value
  for (const name of path) {
    if (typeof member !== 'object' || member === null || !Object.hasOwn(member, name)) return undefined
    member = (member as Record<PropertyKey, unknown>)[name]
  }
  return member
}

/** A value with each {@link NumberAsSent} as the literal of exact.ts, the form in which rows keep numbers that go out as they came. */
export function withLiterals(value: unknown): unknown {
  if (value instanceof NumberAsSent) return { $number: value.digits }
  if (Array.isArray(value)) return value.map(withLiterals)
  if (typeof value !== 'object' || value === null || ('toJSON' in value && typeof value.toJSON === 'function')) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [escapedName(name), withLiterals(member)]))
}

function asSent(value: unknown, numberOf = ({ $number }: NumberLiteral): unknown => new NumberAsSent($number)): unknown {
  if (isNumberLiteral(value)) return numberOf(value)
  if (Array.isArray(value)) return value.map((one) => asSent(one, numberOf))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [unescapedName(name), asSent(member, numberOf)]))
}
