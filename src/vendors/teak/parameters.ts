import { mediaTypeOf, readForm, readJsonObject, type Read } from '../../kernel/body.js'
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
  if (request.rawQuery !== '') for (const [name, value] of request.query) keep(parameters, name, value)
  for (const name in body.value) keep(parameters, name, body.value[name])
  return { ok: true, value: parameters }
}

/** A parameter as text, numbers included, since a form has nothing but text; undefined for what is neither. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : undefined
}

function readBody(request: Request): Read<Record<string, unknown>> {
  if (request.body.byteLength === 0) return none
  switch (mediaTypeOf(request.header('content-type'))) {
    case 'application/json':
      return readJsonObject(request.body)
    case 'application/x-www-form-urlencoded':
      return readForm(request.body)
    default:
      return none
  }
}

function keep(parameters: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== '' && value !== null) parameters[name] = value
}

const none: Read<Record<string, unknown>> = { ok: true, value: {} }
