import { parseDecimal } from './decimal.js'

/**
 * A body as it can be kept without loss: a number at the top that a double would change, such as a Long of 64 bits, stays as the
 * text that was sent; `12.10` is 12.1 all the same.
 */
export function exactBody(
  body: Readonly<Record<string, unknown>>,
  literals: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  let exact: Record<string, unknown> | undefined
  for (const [name, literal] of literals) {
    const value = body[name]
    if (typeof value !== 'number' || isSame(literal, String(value))) continue
    exact ??= { ...body }
    exact[name] = literal
  }
  return exact ?? body
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
