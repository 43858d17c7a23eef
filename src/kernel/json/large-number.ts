import { isSameDecimal } from './decimal.js'
import { isNumberLiteral, parseExactJson, unescapedName } from './exact.js'

/** A number of JSON that a double would change, such as 76561198122624102, by its digits. Written as JSON it is the string of the digits. */
export class LargeNumber {
  constructor(readonly digits: string) {}

  toJSON(): string {
    return this.digits
  }
}

/** Parses JSON like JSON.parse, except that numbers which a double would change become {@link LargeNumber}. The text must be valid JSON. */
export function parseWithLargeNumbers(text: string): unknown {
  return mayHoldLargeNumbers.test(text) ? withLargeNumbers(parseExactJson(text)) : JSON.parse(text)
}

/** A double keeps 15 digits of every number without an exponent. */
const mayHoldLargeNumbers = /[\d.]{16}|\d[eE]/

function withLargeNumbers(value: unknown): unknown {
  if (isNumberLiteral(value)) {
    const number = Number(value.$number)
    return isSameDecimal(value.$number, String(number)) ? number : new LargeNumber(value.$number)
  }
  if (Array.isArray(value)) return value.map(withLargeNumbers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [unescapedName(name), withLargeNumbers(member)]))
}
