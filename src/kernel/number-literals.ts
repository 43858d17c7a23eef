/**
 * The numbers at the top level of a JSON object by member, exactly as they were sent: 12.10 stays "12.10". JSON.parse rounds
 * them through binary, and Node 20 cannot tell what stood in the text. Of a repeated member the last counts, as in JSON.parse.
 * The text must be valid JSON with an object at the top.
 */
export function numberLiterals(text: string): ReadonlyMap<string, string> {
  const literals = new Map<string, string>()
  let depth = 0
  let member: string | undefined
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      const end = endOfText(text, at)
      if (depth === 1 && member === undefined) member = String(JSON.parse(text.slice(at, end)))
      at = end - 1
    } else if (code === openBrace || code === openBracket) depth++
    else if (code === closeBrace || code === closeBracket) depth--
    else if (depth !== 1) continue
    else if (code === comma) member = undefined
    else if (member !== undefined && isNumberPart(code)) {
      let end = at + 1
      while (isNumberPart(text.charCodeAt(end))) end++
      // The letter e also stands in "true" and "false", whose other letters are none of a number.
      if (code === minus || isDigit(code)) literals.set(member, text.slice(at, end))
      at = end - 1
    }
  }
  return literals
}

/** Behind the closing quote of the text that opens at `start`. */
function endOfText(text: string, start: number): number {
  let at = start + 1
  while (text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1
  return at + 1
}

function isNumberPart(code: number): boolean {
  return isDigit(code) || code === minus || code === plus || code === point || code === 0x65 || code === 0x45
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

const quote = 0x22
const plus = 0x2b
const comma = 0x2c
const minus = 0x2d
const point = 0x2e
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
