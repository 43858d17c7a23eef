import { show } from './show.js'

/**
 * A member of a request that a rule did not accept, for an explanation's `expected`. The path names the part of the traffic entry and the
 * members in it. A long value is cut, because traffic keeps it beside the request.
 *
 * @example expectedMember(['body', 'amount'], 4.99, 'a whole number of US cents')
 */
export function expectedMember(
  path: readonly (string | number)[],
  got: unknown,
  expected: unknown,
): { pointer: string; got: unknown; expected: unknown } {
  const pointer = path.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return { pointer, got: shortened(got), expected }
}

const longestValue = 200

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.length > longestValue ? `${value.slice(0, longestValue)}…` : value
  if (typeof value !== 'object' || value === null) return value
  const shown = show(value, longestValue)
  return shown.endsWith('…') ? shown : value
}
