import { createContext, Script } from 'node:vm'

/** What is wrong with an entitlement pattern, worded to follow "the pattern "; undefined when it can be used. */
export function patternFault(pattern: string): string | undefined {
  if (pattern === '') return 'is empty'
  if (pattern.length > longestPattern) return `is ${pattern.length} characters long, at most ${longestPattern} are taken`
  try {
    return void new RegExp(pattern)
  } catch (error) {
    return `is no regular expression: ${error instanceof Error ? error.message : String(error)}`
  }
}

/**
 * Whether a pattern is found anywhere in a product id. Patterns come from people, and some need for ever (`(a+)+$`): one that has not
 * decided within a quarter of a second does not match.
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
