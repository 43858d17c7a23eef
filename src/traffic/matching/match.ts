import { z } from 'zod'
import { differences, fieldDifferences, type Difference, type Fields } from './differences.js'

/** Conditions of a fault or a verification; every member is optional and all given ones must match. */
export const requestMatch = z.strictObject({
  vendor: z.string().optional(),
  /** In any case. */
  method: z.string().optional(),
  /** Equal, or with `*` at its end a prefix. */
  path: z.string().optional(),
  /** Compared with the parsed body, partially and deeply. */
  body: z.unknown().optional(),
  query: z.record(z.string(), z.unknown()).optional(),
  headers: z.record(z.string(), z.unknown()).optional(),
})
export type RequestMatch = z.infer<typeof requestMatch>

/** The head of a request. */
export interface SeenHead {
  vendor: string | null
  method: string
  path: string
  /** Asked for only where a match names them. */
  query(): Fields
  headers(): Fields
}

/** Where a request's head differs from a match. */
export function headDifferences(match: RequestMatch, seen: SeenHead): Difference[] {
  const found: Difference[] = []
  const { vendor, method, path, query, headers } = match
  if (vendor !== undefined && vendor !== seen.vendor) found.push({ path: '/vendor', expected: vendor, actual: seen.vendor })
  if (method !== undefined && method.toUpperCase() !== seen.method) {
    found.push({ path: '/method', expected: method.toUpperCase(), actual: seen.method })
  }
  if (path !== undefined && !isPathLike(path, seen.path)) found.push({ path: '/path', expected: path, actual: seen.path })
  if (query) found.push(...fieldDifferences(query, seen.query(), '/query'))
  if (headers) found.push(...fieldDifferences(lowerCased(headers), seen.headers(), '/headers'))
  return found
}

/** Where a parsed body differs from a match. */
export function bodyDifferences({ body }: RequestMatch, parsed: unknown): Difference[] {
  return body === undefined ? [] : differences(body, parsed, '/body')
}

/** True if a path equals the wanted one, or starts with the part before a final `*`. */
export function isPathLike(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern
}

function lowerCased(headers: Fields): Fields {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
