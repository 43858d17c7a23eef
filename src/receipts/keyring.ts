import { developmentKeys, type DevelopmentKeys } from '../pki/development-keys.js'
import { keyCache, type KeyCache } from '../pki/key-cache.js'

/** What receipts are made and judged with: parsed keys, the sandbox's own development keys, and room to keep what was prepared from them. */
export interface Keyring extends KeyCache {
  readonly development: DevelopmentKeys
  /** Keeps what was made from a text (trust out of PEM roots, say) until too many others came. */
  prepared<T>(text: string, make: () => T): T
}

const keyLimit = 1_000
const preparedLimit = 100

/** One belongs to each sandbox. */
export function keyring(): Keyring {
  const kept = new Map<string, unknown>()
  return {
    ...keyCache(keyLimit),
    development: developmentKeys(),
    prepared<T>(text: string, make: () => T): T {
      // A text is only ever asked for with the same maker, so the kept value has its type.
      if (kept.has(text)) return kept.get(text) as T
      const value = make()
      if (kept.size >= preparedLimit) kept.delete(kept.keys().next().value!)
      kept.set(text, value)
      return value
    },
  }
}
