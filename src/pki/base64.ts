/** Bytes out of Base64 text, or what is wrong with the text, worded to follow "the signature ". */
export type DecodedBase64 = { ok: true; bytes: Buffer } | { ok: false; reason: string }

/**
 * Reads standard Base64 so strictly that every byte string has one spelling, line breaks aside. Node's own decoder skips what
 * it does not know and ignores stray bits, so a changed character could go unnoticed.
 */
export function decodeBase64(text: string): DecodedBase64 {
  const joined = text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, '') : text
  const bytes = Buffer.from(joined, 'base64')
  if (bytes.length > 0 && bytes.toString('base64') === joined) return { ok: true, bytes }
  return { ok: false, reason: faultOf(joined) }
}

function faultOf(joined: string): string {
  if (joined === '') return 'is empty'
  const foreign = /[^A-Za-z0-9+/=]/u.exec(joined)
  if (foreign?.[0] === ' ') return `holds a space at position ${foreign.index}: a "+" is often lost that way in a form`
  if (foreign) return `holds ${JSON.stringify(foreign[0])} at position ${foreign.index}, which is not Base64`
  if (joined.length % 4 !== 0) return `is ${joined.length} Base64 characters long, which is no multiple of 4`
  return 'has misplaced padding or stray bits at its end, which no Base64 encoder writes'
}
