/** 32 bits of a whole text, as texts may differ anywhere; the lowest bits are as well spread as the others. */
export function textHash(text: string): number {
  let hash = text.length
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x5bd1e995)
    hash ^= hash >>> 15
  }
  return hash
}
