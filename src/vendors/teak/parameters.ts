import { mediaTypeOf, readForm, readJsonObject, type Read } from '../../kernel/body.js'
import { numberLiterals } from '../../kernel/number-literals.js'
import type { Request } from '../../kernel/request.js'

/** Request parameters by name, from body and query together. */
export type Parameters = Readonly<Record<string, unknown>>

/**
 * Reads parameters as a Rails application does: the query merges with a JSON or form body, the body wins (our choice), and a body of
 * another media type, or an empty one, gives none. An empty text and null count as absent.
 */
export function readParameters(request: Request): Read<Parameters> {
  const body = readBody(request)
  if (!body.ok) return body
  const parameters: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  if (request.rawQuery !== '') {
    const query = readForm(Buffer.from(request.rawQuery, 'latin1'))
    if (!query.ok) return { ok: false, reason: query.reason.replace('the body', 'the query').replace('the form', 'the query') }
    for (const name in query.value) keep(parameters, name, query.value[name])
  }
  for (const name in body.value) keep(parameters, name, body.value[name])
  return { ok: true, value: parameters }
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
    case 'application/json':
      return readExactly(request.body)
    case 'application/x-www-form-urlencoded':
      return readForm(request.body)
    default:
      return none
  }
}

/** JSON parameters; numbers that JavaScript cannot hold, such as an id of 64 bits, become the text that was sent. */
function readExactly(bytes: Uint8Array): Read<Record<string, unknown>> {
  const read = readJsonObject(bytes)
  if (!read.ok) return read
  const { value } = read
  let literals: ReadonlyMap<string, string> | undefined
  for (const name in value) {
    if (typeof value[name] !== 'number' || Number.isSafeInteger(value[name])) continue
    literals ??= numberLiterals(Buffer.from(bytes).toString())
    value[name] = literals.get(name) ?? value[name]
  }
  return read
}

function keep(parameters: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== '' && value !== null) parameters[name] = value
}

const none: Read<Record<string, unknown>> = { ok: true, value: {} }
