import type { Reply } from '../../kernel/reply.js'

/** Headers or query by name; an array where a name came more than once. Without a prototype, as names come from outside. */
export type FieldValues = Record<string, string | string[]>

/** The headers of a request as they came: lower-case names, repeated ones apart. HTTP/2's pseudo headers are left out. */
export function requestHeaders(rawHeaders: readonly string[]): FieldValues {
  const fields = noFields()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (!name.startsWith(':')) add(fields, name.toLowerCase(), rawHeaders[at + 1] ?? '')
  }
  return fields
}

/** The headers of an answer as they go out, `Content-Length` included; `Date` and `Connection`, which the server adds, are left out. */
export function replyHeaders({ status, headers, body }: Reply): FieldValues {
  const fields = noFields()
  for (const [name, value] of Object.entries(headers)) for (const one of [value].flat()) add(fields, name.toLowerCase(), one)
  if (fields['content-length'] === undefined && status !== 204 && status !== 304) {
    fields['content-length'] = String(typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength)
  }
  return fields
}

/** The members of a query. */
export function queryFields(query: string): FieldValues {
  const fields = noFields()
  for (const [name, value] of new URLSearchParams(query)) add(fields, name, value)
  return fields
}

/** One header of an answer, whatever its case. */
export function replyHeader({ headers }: Reply, name: string): string | undefined {
  for (const [given, value] of Object.entries(headers)) if (given.toLowerCase() === name) return String(value)
  return undefined
}

function noFields(): FieldValues {
  return Object.create(null) as FieldValues
}

function add(fields: FieldValues, name: string, value: string): void {
  const before = fields[name]
  if (before === undefined) fields[name] = value
  else if (Array.isArray(before)) before.push(value)
  else fields[name] = [before, value]
}
