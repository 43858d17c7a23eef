import { encodingClause, mediaTypeOf, readForm, type Read } from '../../kernel/body.js'
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

/** A value as it is shown to people: quoted, cut where it is long. */
export function show(value: string | undefined): string {
  if (value === undefined) return 'missing'
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}
