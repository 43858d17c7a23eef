import { encodingClause, looksLikeJson, mediaTypeOf, nearMiss, readForm, type Read } from '../../kernel/body.js'
import type { Request } from '../../kernel/request.js'

/** The fields of a form by name. */
export type Form = Readonly<Record<string, string>>

/** Reads the form of a request; an empty body is an empty form, and nothing but a form is understood. GET and DELETE have none. */
export function formOf(request: Request): Read<Form> {
  if (request.body.byteLength === 0 || request.method === 'GET' || request.method === 'DELETE') return { ok: true, value: {} }
  const mediaType = mediaTypeOf(request.header('content-type'))
  if (mediaType === 'application/x-www-form-urlencoded') {
    const read = readForm(request.body)
    return read.ok ? read : { ok: false, reason: read.reason + encodingClause(request.header('content-encoding')) }
  }
  return { ok: false, reason: `its type is ${mediaType || 'not given'}, OUYA takes application/x-www-form-urlencoded` }
}

/** A sentence about a body that is JSON, of which OUYA reads no field; empty for every other body. */
export function jsonAdvice({ body, method }: Request): string {
  if (body.byteLength === 0 || method === 'GET' || method === 'DELETE' || !looksLikeJson(body)) return ''
  return 'The body is JSON, and OUYA reads a form alone: send name=value pairs, with curl --data-urlencode "name=value" for each field.'
}

/** The token of a request, or none; `others` are places that held a different one. */
export interface PresentedToken {
  token: string | undefined
  /** Where it stood. */
  place: string
  others: readonly string[]
}

/** Finds the token: which of the four places the server read is not known, so the first one that has it counts (our choice). */
export function tokenOf(request: Request, form: Form): PresentedToken {
  const places = [
    ['header X-OUYA-AuthToken', request.header('x-ouya-authtoken')],
    ['header X-Token', request.header('x-token')],
    ['query auth_token', request.rawQuery === '' ? undefined : request.query.get('auth_token')],
    ['form auth_token', form['auth_token']],
  ] as const
  const filled = places.filter(([, value]) => value)
  const [place, token] = filled[0] ?? ['', undefined]
  return { token: token ?? undefined, place, others: filled.filter(([, value]) => value !== token).map(([name]) => name) }
}

/** What a workspace can claim: the token, wherever it stands, the path of a sign-out included. */
export function credentialOf(request: Request): string | undefined {
  const form = formOf(request)
  const { token } = tokenOf(request, form.ok ? form.value : {})
  if (token !== undefined || request.method !== 'DELETE') return token
  return /^\/api\/v1\/sessions\/([^/%]+)$/.exec(request.path)?.[1]
}

/** The sentence for fields that a form lacks, and for names near theirs that it has. */
export function lackOf(form: Form, missing: readonly string[], taken = ''): string {
  return `The form lacks ${missing.join(', ')}${taken}.${missing.map((name) => nearMiss(form, name)).find((advice) => advice !== '') ?? ''}`
}

/** A value as it is shown to people: quoted, cut where it is long. */
export function show(value: string | undefined): string {
  if (value === undefined) return 'missing'
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}
