import { mayHoldLargeNumbers, NumberAsSent, parseWithLargeNumbers } from './json/as-sent.js'
import { nestsDeeper } from './json/depth.js'

/**
 * Text or a value that could be read, or why not, in words that fit behind a colon. Where `reason` has advice of the sandbox,
 * `parserText` is without it, for replies in a vendor's words.
 */
export type Read<T> = { ok: true; value: T } | { ok: false; reason: string; parserText?: string }

/** A vendor's choice for a byte order mark (EF BB BF) before a body: most parsers of JSON refuse it, some skip it. */
export interface TextOptions {
  /** `skip` drops one mark; `keep` leaves it in the text, where no JSON parser takes it. Default: `skip`. */
  byteOrderMark?: 'skip' | 'keep'
}

/** UTF-8 bytes as text; malformed bytes are refused, never replaced. */
export function readText(bytes: Uint8Array, { byteOrderMark = 'skip' }: TextOptions = {}): Read<string> {
  try {
    return { ok: true, value: (byteOrderMark === 'skip' ? utf8 : utf8WithMark).decode(bytes) }
  } catch {
    const parserText = 'the body is not valid UTF-8'
    return { ok: false, reason: isUtf16(bytes) ? 'the body is UTF-16; send it as UTF-8' : parserText, parserText }
  }
}

/** JSON text as a value. Nesting deeper than anything a client means is refused, so that nothing later runs out of stack. */
export function readJson(text: string): Read<unknown> {
  if (nestsDeeper(text, deepestNesting)) {
    const reason = `it is nested deeper than ${deepestNesting} levels, a limit of the sandbox`
    return { ok: false, reason, parserText: `nesting of ${deepestNesting + 1} is too deep` }
  }
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch (error) {
    const parserText = error instanceof Error ? error.message : 'not JSON'
    return { ok: false, reason: encodingFault(text) ?? parserText, parserText }
  }
}

/** JSON bytes whose top level is an object, as every vendor's JSON body is. */
export function readJsonObject(bytes: Uint8Array, options?: TextOptions): Read<Record<string, unknown>> {
  const text = readText(bytes, options)
  return text.ok ? readObject(text.value) : text
}

function readObject(text: string): Read<Record<string, unknown>> {
  const parsed = readJson(text)
  if (!parsed.ok) return parsed
  const { value } = parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, reason: `the top level is ${nameOfKind(value)}, not an object` }
  }
  return { ok: true, value: value as Record<string, unknown> }
}

/** The same, with a {@link NumberAsSent} for each number that a double would change, so that it is shown as it was sent. */
export function readObjectAsSent(bytes: Uint8Array): Read<Record<string, unknown>> {
  const text = readText(bytes)
  if (!text.ok) return text
  const read = readObject(text.value)
  if (!read.ok || !mayHoldLargeNumbers(text.value)) return read
  return { ok: true, value: parseWithLargeNumbers(text.value) as Record<string, unknown> }
}

/**
 * A form (`application/x-www-form-urlencoded`) as an object of texts; of a repeated name the last value counts, as with Rails.
 * A broken percent escape and bytes that are not UTF-8 are refused. A byte order mark belongs to the first name, as forms know none.
 */
export function readForm(bytes: Uint8Array): Read<Record<string, string>> {
  const text = readText(bytes, { byteOrderMark: 'keep' })
  if (!text.ok) return text
  const fields: Record<string, string> = Object.create(null) as Record<string, string>
  let pair = ''
  try {
    for (pair of text.value.split('&')) {
      if (pair === '') continue
      const equals = pair.indexOf('=')
      const name = equals < 0 ? pair : pair.slice(0, equals)
      fields[decodePart(name)] = equals < 0 ? '' : decodePart(pair.slice(equals + 1))
    }
  } catch {
    return { ok: false, ...escapeFault(pair) }
  }
  return { ok: true, value: fields }
}

/** True if a body begins as a JSON object or array does, whatever its declared media type. */
export function looksLikeJson(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 200)).toString().replace(byteOrderMark, '').trimStart()
  return start.startsWith('{') || start.startsWith('[')
}

/** True if a body begins as a form does, with `name=`, whatever its declared media type. */
export function looksLikeForm(bytes: Uint8Array): boolean {
  return /^\s*[\w.~%+[\]-]+=/.test(Buffer.from(bytes.subarray(0, 200)).toString().replace(byteOrderMark, ''))
}

/**
 * A sentence to append where a parameter is missing: names one that was sent under nearly this name, such as `amount[]`, `Amount` or
 * one behind a byte order mark; empty when there is none.
 */
export function nearMiss(fields: Readonly<Record<string, unknown>>, wanted: string): string {
  const plain = plainName(wanted)
  for (const name in fields) {
    if (name === wanted || plainName(name) !== plain) continue
    if (name.startsWith(byteOrderMark)) {
      return ` A byte order mark (EF BB BF) stands before the name ${wanted} and is part of it; send the body without the mark.`
    }
    const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
    return ` The request has ${shown}, which is another name: send ${wanted}.`
  }
  return ''
}

/** The media type of a Content-Type header: lower case, without parameters; empty when there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return ''
  const end = contentType.indexOf(';')
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}

/** Addition to the reason why a body cannot be read, if it came compressed, because bodies are not decompressed; else empty. */
export function encodingClause(contentEncoding: string | undefined): string {
  if (contentEncoding === undefined || contentEncoding === '' || contentEncoding.toLowerCase() === 'identity') return ''
  return `; it came with Content-Encoding ${JSON.stringify(contentEncoding.slice(0, 40))}, which is not undone here: send it as it is`
}

/** Name of a JSON value's type, for messages: "an array", "null", "a string" … */
export function nameOfKind(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'absent'
  if (Array.isArray(value)) return 'an array'
  if (value instanceof NumberAsSent) return 'a number'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const byteOrderMark = '\ufeff'
const utf8 = new TextDecoder('utf-8', { fatal: true })
const utf8WithMark = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const deepestNesting = 500

/**
 * The fields of a form, or of a query, whose value was sent with a "+" and without a %2B: name and value, decoded but for the "+", which
 * means a blank.
 */
export function fieldsWithPlus(form: string): [name: string, value: string][] {
  return form.split('&').flatMap((pair) => {
    const equals = pair.indexOf('=')
    const value = pair.slice(equals + 1)
    if (equals < 0 || !value.includes('+') || /%2b/i.test(value)) return []
    return [...new URLSearchParams(pair.slice(0, equals + 1) + value.replaceAll('+', '%2B'))]
  })
}

function decodePart(part: string): string {
  return decodeURIComponent(part.replaceAll('+', ' '))
}

/** True if bytes begin with the byte order mark of UTF-16, in either order. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}

/** The reason why text that is not JSON is so because of its encoding, which a parser's own message does not show. */
function encodingFault(text: string): string | undefined {
  if (text.startsWith(byteOrderMark)) {
    return 'unexpected U+FEFF at position 0, a byte order mark (EF BB BF) before the JSON; send the body without it'
  }
  const isWide = text.charCodeAt(0) === 0 || text.charCodeAt(1) === 0
  return isWide ? 'unexpected U+0000 at the start, as in UTF-16; send the body as UTF-8' : undefined
}

/** The reason why a pair of a form cannot be decoded, with the escape and, in `reason`, what it has to be. */
function escapeFault(pair: string): { reason: string; parserText: string } {
  const name = pair.split('=', 1)[0]!
  const place = (fault: string) => `${name.includes(fault) ? 'the name ' : ''}${name.slice(0, 40)}`
  const broken = /%(?![0-9a-f]{2}).{0,2}/i.exec(pair)?.[0]
  if (broken !== undefined) {
    const parserText = `the form holds a broken percent escape, ${JSON.stringify(broken)} in ${place(broken)}`
    return { reason: `${parserText}; a percent sign itself is %25`, parserText }
  }
  const escape = pair.match(/(?:%[0-9a-f]{2})+/gi)?.find((run) => !isDecodable(run)) ?? ''
  const text = Buffer.from(escape.replaceAll('%', ''), 'hex').toString('latin1')
  const advice = /^[\u00a0-\u00ff]+$/.test(text) ? `; "${text.slice(0, 20)}" is ${encodeURIComponent(text.slice(0, 20))} in UTF-8` : ''
  const parserText = `the form holds ${escape.slice(0, 60)} in ${place(escape)}, a percent escape that is not UTF-8`
  return { reason: parserText + advice, parserText }
}

function isDecodable(escapes: string): boolean {
  try {
    return decodeURIComponent(escapes) !== ''
  } catch {
    return false
  }
}

/** A name without case, blanks, separators, byte order mark, brackets of a list and the object around it. */
function plainName(name: string): string {
  const bare = /^\w+\[([a-z]\w*)\]/i.exec(name)?.[1] ?? name.replace(/\[.*$/s, '')
  return bare.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
