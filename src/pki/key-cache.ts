import { longestKeyText, parseLicenseKey, parsePrivateKey, parsePublicKey, type ParsedKey } from './rsa-key.js'

/** The key parsers, remembering what they read: parsing a key costs more than one verification with it. */
export interface KeyCache {
  licenseKey(text: string): ParsedKey
  publicKey(text: string): ParsedKey
  privateKey(text: string): ParsedKey
}

/** A cache of at most `limit` parsed keys and the last of each kind, the longest unused one going first. One belongs to each sandbox. */
export function keyCache(limit: number): KeyCache {
  const known = new Map<string, ParsedKey>()
  const remember = (kind: string, parse: (text: string) => ParsedKey) => {
    // Most sandboxes ask for one key all the time.
    let last: { text: string; parsed: ParsedKey } | undefined
    return (text: string) => {
      if (text === last?.text) return last.parsed
      if (text.length > longestKeyText) return parse(text)
      const name = `${kind} ${text}`
      const parsed = known.get(name) ?? parse(text)
      known.delete(name)
      known.set(name, parsed)
      if (known.size > limit) known.delete(known.keys().next().value!)
      last = { text, parsed }
      return parsed
    }
  }
  return {
    licenseKey: remember('license', parseLicenseKey),
    publicKey: remember('public', parsePublicKey),
    privateKey: remember('private', parsePrivateKey),
  }
}
