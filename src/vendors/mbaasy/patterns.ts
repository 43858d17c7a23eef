import { createContext, Script } from 'node:vm'

/** Returns why an entitlement pattern is invalid, worded to follow "the pattern "; undefined if it is valid. */
export function patternError(pattern: string): string | undefined {
  if (pattern === '') return 'is empty'
  if (pattern.length > longestPattern) return `is ${pattern.length} characters long, the limit is ${longestPattern}`
  try {
    return void new RegExp(pattern)
  } catch (error) {
    return `is not a regular expression: ${error instanceof Error ? error.message : String(error)}`
  }
}

/**
 * True if a pattern matches anywhere in a product id. Patterns are user input, and some never end (`(a+)+$`): a pattern that takes longer
 * than a quarter of a second does not match.
 */
export function isFound(pattern: string, productId: string): boolean {
  try {
    return search.runInContext(createContext({ pattern, productId }), { timeout: longestSearchMs }) === true
  } catch {
    return false
  }
}

const search = new Script('new RegExp(pattern).test(productId)')
const longestPattern = 1000
const longestSearchMs = 250
