import { lineFrame } from './journal/line.js'
import { StorageFull } from './store.js'

const pieceLength = 8 * 1024 * 1024

/** Spreads operations over as many lines as they need. @throws StorageFull when one of them is too long for a line */
export function inLines(workspace: string, ops: readonly string[], limit: number): (readonly string[])[] {
  const room = limit - lineFrame - Buffer.byteLength(workspace)
  // No character takes more than three bytes.
  let most = 0
  for (const op of ops) most += op.length * 3 + 1
  if (most <= room) return [ops]
  const lines: string[][] = [[]]
  let length = 0
  for (const op of ops) {
    const bytes = Buffer.byteLength(op) + 1
    if (bytes > room)
      throw new StorageFull(
        `A row of ${bytes} bytes does not fit a line of the journal, which holds at most ${limit} bytes. Keep less in one row, or raise --journal-line-limit.`,
      )
    if (length + bytes > room) {
      lines.push([])
      length = 0
    }
    lines.at(-1)?.push(op)
    length += bytes
  }
  return lines
}

/** Fewer and longer texts, none of them longer than a text can be. */
export function joined(texts: readonly string[]): string[] {
  if (texts.length < 2) return [...texts]
  const pieces: string[] = []
  let waiting: string[] = []
  let length = 0
  for (const text of texts) {
    waiting.push(text)
    length += text.length
    if (length < pieceLength) continue
    pieces.push(waiting.join(''))
    waiting = []
    length = 0
  }
  return [...pieces, waiting.join('')]
}
