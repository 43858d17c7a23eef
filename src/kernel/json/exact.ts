/**
 * JSON whose numbers keep their digits. JSON.parse rounds 76561198122624102 and turns 1e400 into Infinity, and Node 20 does not
 * give access to the source text, so a number that JavaScript would write differently is held as `{"$number":"<digits>"}`. That is plain JSON: it passes
 * unchanged through rows, journal, snapshots and seeds.
 */
export interface NumberLiteral {
  $number: string
}

/**
 * Parses JSON and keeps such numbers as {@link NumberLiteral}. A member that is itself named `$number` gets one more `$`, which
 * {@link writeExactJson} removes. The text must be valid JSON. `parsed` is the result of JSON.parse for it; if that is exact, it is returned unchanged.
 */
export function parseExactJson(text: string, parsed?: unknown): unknown {
  const marked = markNumbers(text)
  return parsed !== undefined && marked === text ? parsed : JSON.parse(marked)
}

/** Writes a value as JSON, compact unless indented, each {@link NumberLiteral} in it as the number that was read. */
export function writeExactJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent)
  if (!text.includes('$number":')) return text
  // Quotes inside a string are escaped in the text, so both patterns match members only.
  return text.replace(heldNumber, '$1').replace(heldName, '$1"$2":')
}

/** Returns the name of a parsed member as it was sent. */
export function unescapedName(name: string): string {
  return name.replace(/^\$(\$+number)$/, '$1')
}

/** Returns the name of a member as a parsed value has it. */
export function escapedName(name: string): string {
  return /^\$+number$/.test(name) ? `$${name}` : name
}

/** True if a parsed value is a number that JavaScript cannot write as it was sent. */
export function isNumberLiteral(value: unknown): value is NumberLiteral {
  return typeof value === 'object' && value !== null && '$number' in value && typeof value.$number === 'string'
}

const heldNumber = /\{\s*"\$number": ?"(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)"\s*\}/g
const heldName = /([{,]\s*)"\$(\$+number)":/g

function markNumbers(text: string): string {
  let marked = ''
  let copied = 0
  const replace = (start: number, end: number, by: string) => {
    marked += text.slice(copied, start) + by
    copied = end
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      const end = endOfString(text, at)
      const next = text.charCodeAt(at + 1)
      if (next === dollar || next === backslash) {
        // Escapes may spell the name differently, for example "\u0024number".
        const name = String(JSON.parse(text.slice(at, end)))
        if (/^\$+number$/.test(name) && isMemberName(text, end)) replace(at, end, `"$${name}"`)
      }
      at = end - 1
    } else if (code === minus || isDigit(code)) {
      let end = at + 1
      while (isNumberPart(text.charCodeAt(end))) end++
      const literal = text.slice(at, end)
      if (String(Number(literal)) !== literal) replace(at, end, `{"$number":"${literal}"}`)
      at = end - 1
    }
  }
  return copied === 0 ? text : marked + text.slice(copied)
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1
  return at + 1
}

function isMemberName(text: string, end: number): boolean {
  let at = end
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++
  return text.charAt(at) === ':'
}

function isNumberPart(code: number): boolean {
  return isDigit(code) || code === minus || code === plus || code === point || code === 0x65 || code === 0x45
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

const quote = 0x22
const dollar = 0x24
const plus = 0x2b
const minus = 0x2d
const point = 0x2e
const backslash = 0x5c
