import { looksLikeForm, looksLikeJson, mediaTypeOf, readForm, readJsonObject, type Read } from '../../kernel/body.js'
import { numberLiterals } from '../../kernel/json/exact.js'
import type { Request } from '../../kernel/request.js'

/** Request parameters by name, from body and query together. */
export type Parameters = Readonly<Record<string, unknown>>

/**
 * Reads parameters as a Rails application does: the query merges with a JSON or form body, the body wins (our choice), and a body of
 * another media type, or an empty one, gives none. An empty text and null count as absent, and also what the query has under their name.
 */
export function readParameters(request: Request): Read<Parameters> {
  const body = readBody(request)
  if (!body.ok) return body
  if (request.rawQuery === '' && !hasAbsent(body.value)) return body
  const parameters: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  if (request.rawQuery !== '') {
    const query = readForm(Buffer.from(request.rawQuery, 'latin1'))
    if (!query.ok) return { ok: false, reason: query.reason.replace('the body', 'the query').replace('the form', 'the query') }
    for (const name in query.value) if (!Object.hasOwn(body.value, name)) keep(parameters, name, query.value[name])
  }
  for (const name in body.value) keep(parameters, name, body.value[name])
  return { ok: true, value: parameters }
}

/** A sentence to append to a refusal, about a body whose Content-Type is not the one of its content; empty when there is none. */
export function typeAdvice(request: Request): string {
  const { body } = request
  const type = request.header('content-type')
  if (body.byteLength === 0) return ''
  switch (mediaTypeOf(type)) {
    case formType:
      if (!looksLikeJson(body)) return ''
      return ` The body is JSON, but Content-Type is ${formType}, as curl -d sends it: send "Content-Type: ${jsonType}".`
    case jsonType:
      return looksLikeForm(body) ? ` The body is a form, but Content-Type is ${jsonType}: send "Content-Type: ${formType}".` : ''
    default:
      return ` The body was not read: Content-Type is ${type === undefined ? 'missing' : show(type)}, and Teak reads ${jsonType} and ${formType}.`
  }
}

/** A parameter as text, numbers included, since a form has nothing but text; undefined for what is neither. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : undefined
}

/** A value in a sentence, cut when it is long. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

function readBody(request: Request): Read<Record<string, unknown>> {
  if (request.body.byteLength === 0) return none
  switch (mediaTypeOf(request.header('content-type'))) {
    case jsonType:
      return readExactly(request.body)
    case formType:
      return readForm(request.body)
    default:
      return none
  }
}

/** JSON parameters; numbers that JavaScript cannot hold, such as an id of 64 bits, become the text that was sent. */
function readExactly(bytes: Uint8Array): Read<Record<string, unknown>> {
  // Ruby's JSON parser takes no byte order mark.
  const read = readJsonObject(bytes, { byteOrderMark: 'keep' })
  if (!read.ok) return read
  const { value } = read
  let literals: ReadonlyMap<string, string> | undefined
  for (const name in value) {
    if (typeof value[name] !== 'number' || Number.isSafeInteger(value[name])) continue
    literals ??= numberLiterals(Buffer.from(bytes).toString())
    const literal = literals.get(name)
    if (literal !== undefined && literal !== String(value[name])) value[name] = literal
  }
  return read
}

/** Whether anything would have to be left out. */
function hasAbsent(values: Record<string, unknown>): boolean {
  for (const name in values) if (values[name] === '' || values[name] === null) return true
  return false
}

function keep(parameters: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== '' && value !== null) parameters[name] = value
}

const jsonType = 'application/json'
const formType = 'application/x-www-form-urlencoded'
const none: Read<Record<string, unknown>> = { ok: true, value: {} }
