/** True if brackets of a JSON string nest deeper than a limit. Exact for valid JSON; the parser refuses the rest. */
export function nestsDeeper(text: string, levels: number): boolean {
  // Most strings have fewer opening brackets than the limit, and indexOf counts those fastest.
  return opensMoreThan(text, levels) && isDeeper(text, levels)
}

function opensMoreThan(text: string, most: number): boolean {
  let count = 0
  for (const bracket of '{[') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) if (++count > most) return true
  }
  return false
}

/** Counts brackets outside of strings. */
function isDeeper(text: string, levels: number): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === backslash) at++
      else if (code === quote) inString = false
    } else if (code === quote) inString = true
    else if (code === openBracket || code === openBrace) {
      if (++depth > levels) return true
    } else if (code === closeBracket || code === closeBrace) depth--
  }
  return false
}

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
