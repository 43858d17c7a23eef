import { nameOfKind } from './body.js'
import { NumberAsSent } from './json/as-sent.js'
import { nearest } from './nearest.js'

/**
 * A member of a request that a rule did not accept, for an explanation's `expected`. The path names the part of the traffic entry and the
 * members in it.
 *
 * @example expectedMember(['body', 'amount'], 4.99, 'a whole number of US cents')
 */
export function expectedMember(
  path: readonly (string | number)[],
  got: unknown,
  expected: unknown,
): { pointer: string; got: unknown; expected: unknown } {
  const pointer = path.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return { pointer, got: gotValue(got), expected }
}

/**
 * Returns a refused value for the list of expected members; a long one is cut or described, because traffic keeps it beside the request.
 * A number of parseAsSent that JavaScript cannot hold is the string of its digits.
 */
export function gotValue(value: unknown): unknown {
  if (typeof value === 'string') return value.length > longestValue ? `${value.slice(0, longestValue)}…` : value
  if (typeof value !== 'object' || value === null) return value
  const text = JSON.stringify(value)
  if (text.length <= longestValue) return JSON.parse(text)
  return value instanceof NumberAsSent ? gotValue(value.digits) : `${nameOfKind(value)} of ${text.length} characters`
}

/** Returns the rows of a table to pick an accepted value from. Returns none of a large table, because reading it costs more than the request. */
export async function smallTable<Row>(table: { count(): Promise<number>; list(): Promise<Row[]> }): Promise<Row[]> {
  return (await table.count()) > mostRows ? [] : table.list()
}

/** Returns the candidate that is most like a refused value, or the first if that is not a short string; undefined without candidates. */
export function mostAlike(value: unknown, candidates: readonly string[]): string | undefined {
  return typeof value === 'string' && value.length <= longestWord ? nearest(value, candidates)[0] : candidates[0]
}

const mostRows = 1_000
const longestWord = 200
const longestValue = 200
