import { isNumberLiteral, parseExactJson, unescapedName } from '../../kernel/json/exact.js'
import { parseDecimal } from './decimal.js'

/**
 * A body as it can be kept without loss: a number that a double would change, such as a Long of 64 bits, is kept as a string with the
 * digits that were sent, at any depth; `12.10` is 12.1 all the same. The text must be a JSON object.
 */
export function exactBody(text: string): Record<string, unknown> {
  // The text is an object, as the caller promises.
  return kept(parseExactJson(text)) as Record<string, unknown>
}

function kept(value: unknown): unknown {
  if (isNumberLiteral(value)) {
    const number = Number(value.$number)
    return isSame(value.$number, String(number)) ? number : value.$number
  }
  if (Array.isArray(value)) return value.map(kept)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [unescapedName(name), kept(member)]))
}

function isSame(literal: string, text: string): boolean {
  if (literal === text) return true
  const sent = parseDecimal(literal)
  const held = parseDecimal(text)
  if (!sent || !held) return false
  // Zero has one value, however it is written.
  if (sent.digits === '' && held.digits === '') return true
  return sent.negative === held.negative && sent.digits === held.digits && sent.exponent === held.exponent
}
