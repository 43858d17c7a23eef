import { encodingClause, looksLikeJson, mediaTypeOf, nearMiss, readForm, type Read } from '../../kernel/body.js'
import { decodedPart, type Request } from '../../kernel/request.js'

/** The fields of a form by name. */
export type Form = Readonly<Record<string, string>>

/** Reads the form of a request. An empty body is an empty form, any other media type is refused, and the body of GET and DELETE is ignored. */
export function formOf(request: Request): Read<Form> {
  if (request.body.byteLength === 0 || !takesForm(request)) return { ok: true, value: {} }
  const mediaType = mediaTypeOf(request.header('content-type'))
  if (mediaType === formType) {
    const read = readForm(request.body)
    return read.ok ? read : { ok: false, reason: read.reason + encodingClause(request.header('content-encoding')) }
  }
  return { ok: false, reason: `its type is ${mediaType || 'not given'}, OUYA takes ${formType}` }
}

/** True unless the body of a request is ignored. */
export function takesForm({ method }: Pick<Request, 'method'>): boolean {
  return method !== 'GET' && method !== 'DELETE'
}

/** True if the declared media type of a request is that of forms. */
export function hasFormType(request: Request): boolean {
  return mediaTypeOf(request.header('content-type')) === formType
}

/** Returns a sentence for a JSON body, of which OUYA reads no field; empty for every other body. */
export function jsonAdvice(request: Request): string {
  const { body } = request
  if (body.byteLength === 0 || !takesForm(request) || !looksLikeJson(body)) return ''
  return 'The body is JSON, and OUYA reads a form alone: send name=value pairs, with curl --data-urlencode "name=value" for each field.'
}

/** The token of a request, undefined if it has none. */
export interface PresentedToken {
  token: string | undefined
  /** The place that held it, in words. */
  place: string
  /** JSON pointer to that place in the traffic entry; without a token the place where the console sends it. */
  pointer: string
  /** Places that held a different token. */
  others: readonly string[]
}

/**
 * Finds the token. The place that the server read is not known, so the first of the four that has it counts (our choice); of a repeated
 * field of a form the last one, as everywhere.
 */
export function tokenOf(request: Request, form: Form): PresentedToken {
  const places: readonly (readonly [string, string, readonly (string | undefined)[]])[] = [
    ['header X-OUYA-AuthToken', '/headers/x-ouya-authtoken', [request.header('x-ouya-authtoken')]],
    ['header X-Token', '/headers/x-token', [request.header('x-token')]],
    ['query auth_token', '/query/auth_token', request.rawQuery === '' ? [] : request.query.getAll('auth_token')],
    ['form auth_token', '/body/auth_token', form['auth_token'] === undefined ? [] : tokensIn(request.body)],
  ]
  const [place, pointer, [token]] = places.find(([, , [value]]) => value) ?? ['', '/headers/x-ouya-authtoken', []]
  const others = places.filter(([, , values]) => token && values.some((value) => value && value !== token))
  return { token, place, pointer, others: others.map(([name]) => (name === place ? `another ${name}` : name)) }
}

/** The tokens of a form, the one that counts first. */
function tokensIn(body: Uint8Array): string[] {
  return new URLSearchParams(Buffer.from(body).toString()).getAll('auth_token').toReversed()
}

/** Returns the credential that a workspace can claim: the token from any of its places, or from the path of a sign-out. */
export function credentialOf(request: Request): string | undefined {
  const form = formOf(request)
  const { token } = tokenOf(request, form.ok ? form.value : {})
  if (token !== undefined || request.method !== 'DELETE') return token
  const inPath = /^\/api\/v1\/sessions\/([^/]+)$/.exec(request.path)?.[1]
  return inPath === undefined ? undefined : decodedPart(inPath)
}

/** Returns the sentence for fields that are missing or empty, which names a field that was sent under a similar name. */
export function lackOf(form: Form, missing: readonly string[], taken = ''): string {
  const names = missing.map((name) => (form[name] === '' ? `${name} (sent empty)` : name)).join(', ')
  return `The form lacks ${names}${taken}.${missing.map((name) => nearMiss(form, name)).find((advice) => advice !== '') ?? ''}`
}

const formType = 'application/x-www-form-urlencoded'
