import { Malformed } from '../../pki/asn1.js'

/**
 * Reads the old-style property list of transaction receipts: one dictionary of texts, `{ "name" = "value"; … }`. It knows nothing
 * that nests, so its time and memory are those of the text.
 *
 * @throws Malformed when it is anything else.
 */
export function readPropertyList(text: string): Map<string, string> {
  const entries = new Map<string, string>()
  const reader = { text, at: 0 }
  expect(reader, '{')
  while (next(reader) !== '}') {
    const name = readText(reader)
    expect(reader, '=')
    const value = readText(reader)
    expect(reader, ';')
    if (!entries.has(name)) entries.set(name, value)
  }
  reader.at += 1
  if (next(reader) !== '') throw new Malformed(`the property list goes on after its end, at ${reader.at}`)
  return entries
}

/** Writes texts as such a list, one a line, as genuine receipts do. */
export function writePropertyList(entries: Iterable<readonly [name: string, value: string]>): string {
  const lines = Array.from(entries, ([name, value]) => `\t${quoted(name)} = ${quoted(value)};\n`)
  return `{\n${lines.join('')}}`
}

/** True if bytes begin like a property list. */
export function looksLikePropertyList(bytes: Uint8Array): boolean {
  return /^\s*\{/.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'))
}

interface Reader {
  readonly text: string
  at: number
}

/** The next character that is not white space, without passing it; empty at the end. */
function next(reader: Reader): string {
  while (isSpace(reader.text.charCodeAt(reader.at))) reader.at += 1
  return reader.text.charAt(reader.at)
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

function expect(reader: Reader, character: string): void {
  const found = next(reader)
  if (found !== character) throw new Malformed(`the property list has ${shown(found)} at ${reader.at} in place of "${character}"`)
  reader.at += 1
}

function readText(reader: Reader): string {
  const first = next(reader)
  if (first === '"') return readQuoted(reader)
  const start = reader.at
  while (/[\w./:$-]/.test(reader.text.charAt(reader.at))) reader.at += 1
  if (reader.at === start) throw new Malformed(`the property list has ${shown(first)} at ${start} in place of text`)
  return reader.text.slice(start, reader.at)
}

function readQuoted(reader: Reader): string {
  const pieces: string[] = []
  for (let from = reader.at + 1, at = from; ; at += 1) {
    const character = reader.text.charAt(at)
    if (character === '') throw new Malformed(`the property list has a text that does not end, at ${reader.at}`)
    if (character === '"') {
      pieces.push(reader.text.slice(from, at))
      reader.at = at + 1
      return pieces.join('')
    }
    if (character !== '\\') continue
    pieces.push(reader.text.slice(from, at), escapes.get(reader.text.charAt(at + 1)) ?? reader.text.charAt(at + 1))
    at += 1
    from = at + 1
  }
}

const escapes = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`
}

function shown(character: string): string {
  return character === '' ? 'its end' : JSON.stringify(character)
}
