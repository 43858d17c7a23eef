import { encodingClause, mediaTypeOf, readJsonObject, type Read } from '../../kernel/body.js'
import { parseExactJson } from '../../kernel/json/exact.js'
import { withLargeNumbers } from '../../kernel/json/as-sent.js'
import type { Request } from '../../kernel/request.js'
import type { JsonObject } from '../../kernel/table.js'
import { isObject } from './parameters.js'

/**
 * Reads the JSON object of a request. Numbers keep their digits: in a `metadata` object as they are stored, elsewhere as NumberAsSent. The
 * reason of a refusal names the way out.
 */
export function readBody(request: Request): Read<JsonObject> {
  const { body } = request
  // Ruby's JSON parser refuses a byte order mark.
  if (startsWithMark(body)) return { ok: false, reason: 'it starts with a byte order mark (EF BB BF); send the JSON without it' }
  const read = readJsonObject(body)
  if (!read.ok) return { ok: false, reason: read.reason + encodingClause(request.header('content-encoding')) + typeClause(request) }
  if (Object.values(read.value).every(holdsNoNumber)) return read
  // The text is valid JSON with an object at the top, as it was just read as such.
  const exact = parseExactJson(Buffer.from(body).toString()) as JsonObject
  const value = withLargeNumbers(exact) as JsonObject
  return { ok: true, value: isObject(read.value['metadata']) ? { ...value, metadata: exact['metadata'] } : value }
}

function holdsNoNumber(value: unknown): boolean {
  return typeof value !== 'number' && (typeof value !== 'object' || value === null)
}

function startsWithMark(body: Uint8Array): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
}

/** Names the media type of a body that was sent as a form; every other body is read as JSON whatever its type. */
function typeClause(request: Request): string {
  const type = mediaTypeOf(request.header('content-type'))
  if (type !== 'application/x-www-form-urlencoded' && type !== 'multipart/form-data') return ''
  return `; it came as ${type}, and Mbaasy takes application/json with one JSON object`
}
