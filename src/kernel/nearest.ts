/** Returns up to three candidates in the order of their edit distance to a misspelt word. */
export function nearest(word: string, candidates: readonly string[]): string[] {
  const distances = new Map(candidates.map((candidate) => [candidate, editDistance(word.toLowerCase(), candidate.toLowerCase())]))
  return [...distances.keys()].sort((a, b) => distances.get(a)! - distances.get(b)!).slice(0, 3)
}

/** Returns the name that is written most alike, undefined if none is close. */
export function nearestName(text: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(text.length / 3)) + 1
  for (const name of names) {
    const distance = editDistance(text.toLowerCase(), name.toLowerCase())
    if (distance >= least) continue
    least = distance
    best = name
  }
  return best
}

/** Sentence about a vendor that does not exist, or is off. */
export function noVendor(vendor: string, ids: readonly string[]): string {
  const near = nearestName(vendor, ids)
  return `There is no vendor "${vendor}".${near === undefined ? '' : ` Did you mean ${near}?`} Vendors: ${ids.join(', ')}.`
}

/** Counts the letters to insert, delete or replace. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let line = 1; line <= from.length; line++) {
    const next = [line]
    for (let at = 1; at <= to.length; at++) {
      const replaced = row[at - 1]! + (from[line - 1] === to[at - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[at]! + 1, next[at - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}

/** Returns the word of a list that equals a value but for case; undefined without one, and for a value that is not a string or number. */
export function sameWord<Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const wanted = String(value).toLowerCase()
  return words.find((word) => word.toLowerCase() === wanted)
}
