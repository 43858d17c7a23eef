import type { z } from 'zod'
import { NumberAsSent } from './json/as-sent.js'
import { nearest } from './nearest.js'

/**
 * An error of the sandbox itself (RFC 9457), never in a vendor's words: what happened, with the value, and what to do next. Most are one
 * of the subclasses below.
 *
 * @example throw new NotFound({ type: 'unknown-table', title: 'Table not found.', detail: 'There is no table teak.purchase. …' })
 */
export class Problem extends Error {
  override readonly name = 'Problem'

  /** Stable word, the end of the problem's `type`. */
  readonly type: string
  readonly title: string
  readonly detail: string
  readonly errors: readonly Pointer[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    readonly status: number,
    { type, title, detail, errors, headers = {} }: ProblemContent,
  ) {
    super(`${title} ${detail}`.trim())
    this.type = type
    this.title = title
    this.detail = detail
    this.errors = errors
    this.headers = headers
  }

  toJSON(): ProblemDocument {
    const { type, title, status, detail, errors } = this
    return { type: `urn:coinslot:problem:${type}`, title, status, detail, ...(errors && { errors }) }
  }
}

/** Content of a problem besides its status. */
export interface ProblemContent {
  /** Stable word, the end of the problem's `type`. */
  type: string
  title: string
  detail: string
  errors?: readonly Pointer[] | undefined
  headers?: Readonly<Record<string, string>> | undefined
}

/** 400: the request cannot be read. */
export class BadRequest extends withStatus(400) {}

/** 401: a credential is missing or wrong. */
export class Unauthorized extends withStatus(401) {}

/** 403: the caller may not do this. */
export class Forbidden extends withStatus(403) {}

/** 404: nothing is there. */
export class NotFound extends withStatus(404) {}

/** 405: the path takes other methods. */
export class MethodNotAllowed extends withStatus(405) {}

/** 408: the request did not arrive in time. */
export class RequestTimeout extends withStatus(408) {}

/** 409: the state of the sandbox does not allow it now. */
export class Conflict extends withStatus(409) {}

/** 413: the body is too large. */
export class ContentTooLarge extends withStatus(413) {}

/** 414: the path and query are too long. */
export class UriTooLong extends withStatus(414) {}

/** 422: the request can be read and its values are invalid. The default detail lists the wrong members. */
export class InvalidInput extends withStatus(422) {
  constructor({ errors = [], detail = describePointers(errors), ...rest }: Omit<ProblemContent, 'detail'> & { detail?: string }) {
    super({ ...rest, detail, ...(errors.length > 0 && { errors }) })
  }
}

/** 431: the request line and headers are too large. */
export class HeadersTooLarge extends withStatus(431) {}

/** 500: the sandbox or the machine failed. */
export class InternalError extends withStatus(500) {}

/** 501: this way of running the sandbox does not support it. */
export class NotImplemented extends withStatus(501) {}

/** 503: not available now. */
export class ServiceUnavailable extends withStatus(503) {}

/** 507: the disk is full or a limit is reached. */
export class InsufficientStorage extends withStatus(507) {}

function withStatus(status: number) {
  return class extends Problem {
    constructor(content: ProblemContent) {
      super(status, content)
    }
  }
}

/** Lists wrong members on one line: `/amount: must be a number; /currency: is missing`. */
function describePointers(errors: readonly Pointer[]): string {
  return errors.map(({ path, message }) => `${path || '/'}: ${message}`).join('; ')
}

/** One wrong member: `path` is a JSON pointer. */
export interface Pointer {
  path: string
  message: string
}

/** The wire form, served as `application/problem+json`. */
export interface ProblemDocument {
  type: string
  title: string
  status: number
  detail: string
  errors?: readonly Pointer[]
}

/** Pointers to the members that do not match a schema, below a path. An unknown member has its own pointer; parse with {@link wordOfIssue}. */
export function pointersOf(issues: readonly z.core.$ZodIssue[], below: readonly PropertyKey[] = []): Pointer[] {
  return issues.flatMap((issue) => {
    const path = [...below, ...issue.path]
    if (issue.code !== 'unrecognized_keys') return [{ path: pointer(path), message: issue.message }]
    return issue.keys.map((key) => ({ path: pointer([...path, key]), message: issue.message }))
  })
}

/** Zod's `error` parameter: the message of an unknown member lists the members that the object takes, that of a value the kinds it may be of. */
export const wordOfIssue: z.core.$ZodErrorMap = (issue) => {
  // A name that does not fit has a separate issue that says why.
  if (issue.code === 'invalid_key') return issue.issues[0]?.message
  if (issue.code === 'invalid_type' && issue.input instanceof NumberAsSent)
    return `Invalid input: expected ${issue.expected}, received ${issue.input.digits}, which has more digits than are read here`
  if (issue.code === 'invalid_union') {
    const accepted = issue.errors.flatMap((kind) => kind.flatMap(acceptedBy))
    return accepted.length === 0 ? undefined : `Invalid input: expected ${accepted.join(' or ')}`
  }
  if (issue.code !== 'unrecognized_keys') return undefined
  const known = namesIn(issue.inst)
  if (known.length === 0) return 'Unknown member.'
  if (known.length <= mostListed) return `Unknown member. Known here: ${known.join(', ')}.`
  // The issue has one message for all of its members.
  const similar = new Set(issue.keys.slice(0, 3).flatMap((key) => nearest(key, known)))
  return `Unknown member. Similar ones: ${[...similar].join(', ')}.`
}

/** Returns what one kind of a union accepts at its own place, as its issue says. */
function acceptedBy(issue: z.core.$ZodIssue): string[] {
  if (issue.path.length > 0) return []
  if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value))
  return issue.code === 'invalid_type' ? [issue.expected] : []
}

/** The names of the members that an object takes, and the keys of a record if they are listed. */
function namesIn(schema: unknown): string[] {
  const { shape = {}, keyType = {} } = schema as Partial<z.ZodObject> & { keyType?: { options?: unknown[]; values?: Iterable<unknown> } }
  const keys = [...Object.keys(shape), ...(keyType.options ?? keyType.values ?? [])]
  return keys.filter((key) => typeof key === 'string')
}

const mostListed = 12

/** A JSON pointer (RFC 6901) from path parts. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
