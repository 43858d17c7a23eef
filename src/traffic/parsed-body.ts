import { parseWithLargeNumbers } from '../kernel/json/as-sent.js'
import { mediaTypeOf, readForm, readJson, readText } from '../kernel/body.js'

/** A body as people read it. */
export interface ShownBody {
  mediaType: string
  /** The text as it came; of bytes that are no UTF-8 their Base64, said by `encoding`. */
  text: string
  encoding?: 'base64'
  /** JSON as it is, a form as an object of texts, an opened payload; null when nothing could be parsed. */
  parsed: unknown
}

/** Shows a body; `revealed` is the payload that its vendor opened, where the body itself says nothing. */
export function shownBody(body: Uint8Array | string, contentType: string | undefined, revealed: unknown): ShownBody {
  const mediaType = mediaTypeOf(contentType)
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const read = readText(bytes)
  const parsed = revealed ?? parsedBody(bytes, contentType, { keepsDigits: true })
  if (!read.ok) return { mediaType, text: Buffer.from(bytes).toString('base64'), encoding: 'base64', parsed }
  return { mediaType, text: read.value, parsed }
}

/**
 * Parses a body by its media type; null if it cannot be parsed. Some vendors read JSON whatever the media type, and `curl -d`
 * claims a form for everything, so an object or array in JSON counts as that under every type. With `keepsDigits`, numbers that a
 * double would change are {@link NumberAsSent}.
 */
export function parsedBody(bytes: Uint8Array, contentType: string | undefined, { keepsDigits = false } = {}): unknown {
  if (bytes.byteLength === 0) return null
  const mediaType = mediaTypeOf(contentType)
  const isForm = mediaType === 'application/x-www-form-urlencoded'
  if (!isForm || opensJson(bytes)) {
    const text = readText(bytes)
    const json = text.ok ? readJson(text.value) : text
    if (json.ok) return keepsDigits && text.ok ? parseWithLargeNumbers(text.value) : json.value
  }
  if (!isForm) return null
  const form = readForm(bytes)
  return form.ok ? form.value : null
}

function opensJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte > space)
  return first === brace || first === bracket
}

const space = 0x20
const brace = 0x7b
const bracket = 0x5b
