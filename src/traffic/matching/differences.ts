import { isSameDecimal } from '../../kernel/json/decimal.js'
import { isJsonObject, NumberAsSent } from '../../kernel/json/as-sent.js'

/** One place where what was seen is not what was expected; `actual` is absent where nothing was there. */
export interface Difference {
  /** JSON pointer: `/body/amount`. */
  path: string
  expected: unknown
  actual?: unknown
}

/**
 * Where a value differs from what is expected of it. Objects match partially and deeply: members that are not named do not matter.
 * Arrays match element by element and have the same length.
 */
export function differences(expected: unknown, actual: unknown, path: string): Difference[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return [differ(expected, actual, path)]
    return expected.flatMap((element, at) => differences(element, actual[at], `${path}/${at}`))
  }
  if (!isJsonObject(expected)) return isSameValue(expected, actual) ? [] : [differ(expected, actual, path)]
  if (!isJsonObject(actual)) return [differ(expected, actual, path)]
  return Object.entries(expected).flatMap(([name, value]) => differences(value, ownMember(actual, name), `${path}/${escape(name)}`))
}

/** The same for headers or query: a text that came several times matches when one of its values does. */
export function fieldDifferences(expected: Fields, actual: Fields, path: string): Difference[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const seen = ownMember(actual, name)
    if (typeof value === 'string' && Array.isArray(seen) && seen.includes(value)) return []
    return differences(value, seen, `${path}/${escape(name)}`)
  })
}

/** Headers or query as entries show them. */
export type Fields = Readonly<Record<string, unknown>>

/** True for equal values. A number that a double holds also equals the longer digits that it stands for, as JavaScript cannot send those. */
function isSameValue(expected: unknown, actual: unknown): boolean {
  if (expected instanceof NumberAsSent) return actual instanceof NumberAsSent && isSameDecimal(expected.digits, actual.digits)
  return expected === (actual instanceof NumberAsSent ? Number(actual.digits) : actual)
}

function differ(expected: unknown, actual: unknown, path: string): Difference {
  return actual === undefined ? { path, expected } : { path, expected, actual }
}

function ownMember(of: object, name: string): unknown {
  return Object.hasOwn(of, name) ? (of as Record<string, unknown>)[name] : undefined
}

function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
