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

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [at, character] of from.split('').entries()) {
    const next = [at + 1]
    for (let column = 0; column < to.length; column++) {
      const replaced = row[column]! + (to[column] === character ? 0 : 1)
      next.push(Math.min(replaced, row[column + 1]! + 1, next[column]! + 1))
    }
    row = next
  }
  return row.at(-1)!
}
