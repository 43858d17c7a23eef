import { developmentKeys, type DevelopmentKeys } from '../pki/development-keys.js'
import { keyCache, type KeyCache } from '../pki/key-cache.js'

/** Keys for minting and verifying receipts: a cache of parsed keys, the sandbox's development keys, and a cache of values made from keys. */
export interface Keyring extends KeyCache {
  readonly development: DevelopmentKeys
  /** Caches a value that was made from a string, such as trust from PEM roots. The oldest value is dropped at the limit. */
  prepared<T>(text: string, make: () => T): T
}

const keyLimit = 1_000
const preparedLimit = 100

/** Makes the keyring of a sandbox. */
export function keyring(): Keyring {
  const kept = new Map<string, unknown>()
  return {
    ...keyCache(keyLimit),
    development: developmentKeys(),
    prepared<T>(text: string, make: () => T): T {
      // A string always comes with the same maker, so the cached value has its type.
      if (kept.has(text)) return kept.get(text) as T
      const value = make()
      if (kept.size >= preparedLimit) kept.delete(kept.keys().next().value!)
      kept.set(text, value)
      return value
    },
  }
}
