import { nestsDeeper } from './json-depth.js'

/** Text or a value that could be read, or why not, in words that fit behind a colon. */
export type Read<T> = { ok: true; value: T } | { ok: false; reason: string }

/** UTF-8 bytes as text; malformed bytes are refused, never replaced. A byte order mark is dropped. */
export function readText(bytes: Uint8Array): Read<string> {
  try {
    return { ok: true, value: utf8.decode(bytes) }
  } catch {
    return { ok: false, reason: 'the body is not valid UTF-8' }
  }
}

/** JSON text as a value. Nesting deeper than anything a client means is refused, so that nothing later runs out of stack. */
export function readJson(text: string): Read<unknown> {
  if (nestsDeeper(text, deepestNesting)) return { ok: false, reason: `nested deeper than ${deepestNesting} levels` }
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : 'not JSON' }
  }
}

/** JSON bytes whose top level is an object, as every vendor's JSON body is. */
export function readJsonObject(bytes: Uint8Array): Read<Record<string, unknown>> {
  const text = readText(bytes)
  if (!text.ok) return text
  const parsed = readJson(text.value)
  if (!parsed.ok) return parsed
  const { value } = parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, reason: `the top level is ${nameOfKind(value)}, not an object` }
  }
  return { ok: true, value: value as Record<string, unknown> }
}

/**
 * A form (`application/x-www-form-urlencoded`) as an object of texts; of a repeated name the last value counts, as with Rails.
 * A broken percent escape or bytes that are no UTF-8 are refused.
 */
export function readForm(bytes: Uint8Array): Read<Record<string, string>> {
  const text = readText(bytes)
  if (!text.ok) return text
  const fields: Record<string, string> = Object.create(null) as Record<string, string>
  try {
    for (const pair of text.value.split('&')) {
      if (pair === '') continue
      const equals = pair.indexOf('=')
      const name = equals < 0 ? pair : pair.slice(0, equals)
      fields[decodePart(name)] = equals < 0 ? '' : decodePart(pair.slice(equals + 1))
    }
  } catch {
    return { ok: false, reason: 'the form holds a broken percent escape' }
  }
  return { ok: true, value: fields }
}

/** The media type of a Content-Type header: lower case, without parameters; empty when there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return ''
  const end = contentType.indexOf(';')
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}

/** What to put behind the reason why a body cannot be read when it came compressed, as nobody here undoes that; else empty. */
export function encodingClause(contentEncoding: string | undefined): string {
  if (contentEncoding === undefined || contentEncoding === '' || contentEncoding.toLowerCase() === 'identity') return ''
  return `; it came with Content-Encoding ${JSON.stringify(contentEncoding.slice(0, 40))}, which is not undone here: send it as it is`
}

/** What a JSON value is, for messages: "an array", "null", "a text" … */
export function nameOfKind(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'absent'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  return `a ${typeof value === 'string' ? 'text' : typeof value}`
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const deepestNesting = 500

function decodePart(part: string): string {
  return decodeURIComponent(part.replaceAll('+', ' '))
}
