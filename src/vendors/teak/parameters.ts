import { z } from 'zod'
import type { Call } from '../../contract.js'
import { looksLikeForm, looksLikeJson, mediaTypeOf, readForm, readJsonObject, type Read } from '../../kernel/body.js'
import { expectedMember } from '../../kernel/expected-member.js'
import { memberAt, NumberAsSent, parseAsSent } from '../../kernel/json/as-sent.js'
import type { Request } from '../../kernel/request.js'
import { show } from '../../kernel/show.js'

/** Request parameters by name, from body and query together. */
export type Parameters = Readonly<Record<string, unknown>>

/** An id in a request: a string, or a number that is read as its digits. */
export const identifier = z.union([z.string(), z.number()])

/** A parameter that a rule did not accept, with an accepted value or a description of one. */
export interface WrongParameter {
  name: string
  got: unknown
  expected: unknown
}

/** Parameters, or the part of the request that cannot be read. */
export type ReadParameters = { ok: true; value: Parameters } | { ok: false; reason: string; parserText: string; part: 'body' | 'query' }

/**
 * Reads parameters as a Rails application does: the query merges with a JSON or form body, the body wins (our choice), and a body of
 * another media type, or an empty one, has none. The empty string and null count as absent, and hide the query's value of that name.
 */
export function readParameters(request: Request): ReadParameters {
  const body = readBody(request)
  if (!body.ok) return { parserText: body.reason, ...body, part: 'body' }
  if (request.rawQuery === '' && !hasAbsent(body.value)) return body
  const parameters: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  if (request.rawQuery !== '') {
    const query = readQuery(request)
    if (!query.ok) {
      const ofQuery = (text: string) => text.replace('the body', 'the query').replace('the form', 'the query')
      const { reason, parserText = reason } = query
      return { ok: false, reason: ofQuery(reason), parserText: ofQuery(parserText), part: 'query' }
    }
    for (const name in query.value) if (!Object.hasOwn(body.value, name)) keep(parameters, name, query.value[name])
  }
  for (const name in body.value) keep(parameters, name, body.value[name])
  return { ok: true, value: parameters }
}

/** A parameter as a string, numbers included, because a form has only strings; undefined for other types. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : undefined
}

/**
 * Explains a refusal by its wrong parameters. If the Content-Type is not the one of the body's content, that is the member at fault,
 * because the parameters were not read.
 */
export function explainRefusal(call: Call, outcome: string, sentence: string, wrong: readonly WrongParameter[]): void {
  const { request } = call
  const mismatch = typeMismatch(request)
  let text = sentence
  const members = wrong.map(({ name, got, expected: accepted }) => {
    const { part, value, seen } = sentAs(request, name)
    text = text.replace(`${name} is ${show(got)}`, () => `${name} is ${seen}`)
    return expectedMember([part, name], got ?? value, accepted)
  })
  const expected = mismatch ? [expectedMember(['headers', 'content-type'], request.header('content-type'), mismatch.expected)] : members
  call.explain(outcome, `${text}${mismatch?.sentence ?? ''}`, { expected })
}

/** A Content-Type that is not the one of the body's content: a sentence about it, and the media type to send. */
export function typeMismatch(request: Request): { sentence: string; expected: string } | undefined {
  const { body } = request
  const type = request.header('content-type')
  if (body.byteLength === 0) return undefined
  switch (mediaTypeOf(type)) {
    case formType:
      if (!looksLikeJson(body)) return undefined
      return {
        sentence: ` The body is JSON, but Content-Type is ${formType}, as curl -d sends it: send "Content-Type: ${jsonType}".`,
        expected: jsonType,
      }
    case jsonType:
      if (!looksLikeForm(body)) return undefined
      return { sentence: ` The body is a form, but Content-Type is ${jsonType}: send "Content-Type: ${formType}".`, expected: formType }
    default:
      return {
        sentence: ` The body was not read: Content-Type is ${show(type)}, and Teak reads ${jsonType} and ${formType}.`,
        expected: looksLikeForm(body) ? formType : jsonType,
      }
  }
}

/**
 * The part of the request that has a parameter, for an absent one the part where it belongs; what it has, and that in words: a number with
 * its digits, and what an empty one hides.
 */
function sentAs(request: Request, name: string): { part: 'body' | 'query'; value: unknown; seen: string } {
  const body = readBody(request)
  const query = readQuery(request)
  const inQuery = query.ok ? query.value[name] : undefined
  if (!body.ok || !Object.hasOwn(body.value, name)) {
    const part = inQuery !== undefined || request.body.byteLength === 0 ? 'query' : 'body'
    return { part, value: inQuery, seen: inQuery === '' ? 'empty' : show(inQuery) }
  }
  const value = body.value[name]
  const isJson = mediaTypeOf(request.header('content-type')) === jsonType
  const sent = isJson && typeof value === 'string' ? memberAt(parseAsSent(Buffer.from(request.body).toString()), [name]) : value
  const hidden = inQuery ? ` in the body, which hides the query's ${show(inQuery)}` : ''
  return { part: 'body', value, seen: (value === '' ? 'empty' : show(sent)) + hidden }
}

/** The query is read as a form is: of a repeated name the last value counts. */
function readQuery(request: Request): Read<Record<string, string>> {
  return readForm(Buffer.from(request.rawQuery, 'latin1'))
}

function readBody(request: Request): Read<Record<string, unknown>> {
  if (request.body.byteLength === 0) return empty
  switch (mediaTypeOf(request.header('content-type'))) {
    case jsonType:
      return readExactly(request.body)
    case formType:
      return readForm(request.body)
    default:
      return empty
  }
}

/**
 * JSON parameters; a number that JavaScript cannot hold, such as a 64-bit id or a fraction that it rounds to a whole number, becomes the
 * string that was sent, and a NumberAsSent inside of a list or an object.
 */
function readExactly(bytes: Uint8Array): Read<Record<string, unknown>> {
  // Ruby's JSON parser refuses a byte order mark.
  const read = readJsonObject(bytes, { byteOrderMark: 'keep' })
  if (!read.ok) return read
  const mayHaveFractions = bytes.includes(point)
  const isExact = (one: unknown) =>
    typeof one === 'number' ? one !== 0 && !mayHaveFractions && Number.isSafeInteger(one) : typeof one !== 'object'
  if (Object.values(read.value).every(isExact)) return read
  for (const [name, sent] of Object.entries(parseAsSent(Buffer.from(bytes).toString()) as Record<string, unknown>))
    if (!(sent instanceof NumberAsSent)) read.value[name] = sent
    else if (!Number.isSafeInteger(sent.toJSON())) read.value[name] = sent.digits
  return read
}

function hasAbsent(values: Record<string, unknown>): boolean {
  for (const name in values) if (values[name] === '' || values[name] === null) return true
  return false
}

function keep(parameters: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== '' && value !== null) parameters[name] = value
}

const point = '.'.charCodeAt(0)
const jsonType = 'application/json'
const formType = 'application/x-www-form-urlencoded'
const empty: Read<Record<string, unknown>> = { ok: true, value: {} }
