import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** One line of a file: bytes `start` to `end` of a buffer that reading the next line may overwrite. */
export interface FileLine {
  buffer: Buffer
  start: number
  end: number
  /** Its position in the file. */
  offset: number
  /** Counted from one. */
  number: number
  /** False for a last line without its line break. */
  isWhole: boolean
}

const chunkBytes = 8 * 1024 * 1024
const lineBreak = 10
const quote = 34
const backslash = 92

/** Position behind the JSON string that begins at `start`; a number beyond the buffer if it does not end. */
export function jsonStringEnd(buffer: Buffer, start: number): number {
  for (let at = start + 1; at < buffer.length; at += 1) {
    const byte = buffer[at]
    if (byte === backslash) at += 1
    else if (byte === quote) return at + 1
  }
  return buffer.length + 1
}

/** Value of the JSON string between two positions. @throws SyntaxError if it is not one */
export function jsonString(buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('utf8', start, end)
  // Most strings have nothing to unescape.
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1)
}

/** Lines of a file, which is read in chunks. Yields the same object each time. */
export function* fileLines(path: string): Generator<FileLine> {
  const file = openSync(path, 'r')
  try {
    // One byte more than a small file, so that one read reaches its end.
    const room = Math.min(fstatSync(file).size + 1, chunkBytes)
    const line: FileLine = { buffer: Buffer.allocUnsafe(room), start: 0, end: 0, offset: 0, number: 0, isWhole: true }
    let filled = 0
    for (;;) {
      const read = readSync(file, line.buffer, filled, line.buffer.length - filled, null)
      filled += read
      let from = 0
      for (;;) {
        const end = line.buffer.indexOf(lineBreak, from)
        // Behind the bytes just read there may be bytes of an earlier chunk.
        if (end < 0 || end >= filled) break
        line.start = from
        line.end = end
        line.number += 1
        yield line
        line.offset += end + 1 - from
        from = end + 1
      }
      if (read === 0) {
        if (filled > from) yield Object.assign(line, { start: from, end: filled, number: line.number + 1, isWhole: false })
        return
      }
      line.buffer.copy(line.buffer, 0, from, filled)
      filled -= from
      if (filled === line.buffer.length) line.buffer = Buffer.concat([line.buffer, Buffer.allocUnsafe(line.buffer.length)])
    }
  } finally {
    closeSync(file)
  }
}
