import { encodingClause, looksLikeForm, mediaTypeOf, readJson, readText, nameOfKind } from '../../kernel/body.js'
import type { Request } from '../../kernel/request.js'
import type { Refusal } from './decision.js'
import { numberLiterals } from '../../kernel/json/exact.js'

/** A body that could be read: its text, its value, and its top-level numbers as sent. */
export interface ReadBody {
  kind: 'read'
  text: string
  body: Readonly<Record<string, unknown>>
  literals: ReadonlyMap<string, string>
}

/** Reads the JSON object of a request. Where an API takes no parameters an empty body, of any type, is an empty object. */
export function readBody(request: Request, mayBeEmpty: boolean): ReadBody | Refusal {
  if (mayBeEmpty && request.body.byteLength === 0) return { kind: 'read', text: '{}', body: {}, literals: new Map() }
  const contentType = request.header('content-type')
  if (!jsonType.test(mediaTypeOf(contentType))) {
    const seen = contentType === undefined ? 'Content-Type is missing' : `Content-Type is ${JSON.stringify(contentType)}`
    return unreadable('Invalid content type', `${seen}; Kakao takes application/json;charset=UTF-8.`)
  }
  // One byte order mark is skipped, as by the parser of the platform.
  const text = readText(request.body)
  if (!text.ok)
    return unreadable(
      'Request data not parsed',
      `The body is not read: ${text.reason}${encodingClause(request.header('content-encoding'))}.`,
    )
  const parsed = readJson(text.value)
  if (!parsed.ok) {
    const advice = looksLikeForm(request.body) ? ' It is a form; Kakao takes a JSON object.' : ''
    return unreadable('Request data not parsed', `The body is not JSON: ${parsed.reason}.${advice}`)
  }
  const { value } = parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return unreadable('Request data not parsed', `The top level of the body is ${nameOfKind(value)}; Kakao takes an object.`)
  }
  return { kind: 'read', text: text.value, body: value as Record<string, unknown>, literals: numberLiterals(text.value) }
}

const jsonType = /^application\/(?:[\w.-]+\+)?json$/

function unreadable(desc: string, sentence: string): Refusal {
  return { kind: 'refused', status: 400, outcome: 'unreadable', desc, sentence }
}
