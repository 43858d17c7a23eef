import { encodingClause, readObjectAsSent } from '../../../kernel/body.js'
import { gotValue } from '../../../kernel/expected-member.js'
import type { Request } from '../../../kernel/request.js'
import { show } from '../../../kernel/show.js'
import { refuse, type ApiRefusal } from '../api-route.js'
import type { ApiErrorCode } from '../errors.js'

/** A JSON object, or the refusal of a body that is not one. */
export type ReadBody = { ok: true; value: Record<string, unknown> } | { ok: false; refusal: ApiRefusal }

/** Reads the body of a call; a number that a double would change is a NumberAsSent. Apple names no code for one that is not JSON, so each call gives the code of its first member. */
export function readObject(request: Request, code: ApiErrorCode): ReadBody {
  const { body } = request
  const read = readObjectAsSent(body)
  if (read.ok) return read
  const expected = [{ pointer: '/body', got: gotValue(Buffer.from(body).toString()), expected: 'one JSON object in UTF-8' }]
  const reason = `${read.reason}${encodingClause(request.header('content-encoding'))}`
  return { ok: false, refusal: refuse(code, `The body cannot be read as a JSON object: ${reason}.`, expected) }
}

/** A rule for a member of a body. */
export interface MemberRule {
  name: string
  code: ApiErrorCode
  /** Description of accepted values. */
  expected: string
  accepts(value: unknown): boolean
}

/** Returns the refusal of the first member that breaks its rule, undefined if none does. */
export function brokenRule(body: Readonly<Record<string, unknown>>, rules: readonly MemberRule[]): ApiRefusal | undefined {
  const broken = rules.find(({ name, accepts }) => !accepts(body[name]))
  if (!broken) return undefined
  const { name, code, expected } = broken
  const got = body[name]
  return refuse(code, `${name} is ${show(got)}; it takes ${expected}.`, [{ pointer: `/body/${name}`, got: gotValue(got), expected }])
}

/** Accepts whole numbers within bounds, bounds included. */
export function wholeNumber(from: number, to: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
}

/** Accepts one of a list of values. */
export function oneOf(values: readonly unknown[]): (value: unknown) => boolean {
  return (value) => values.includes(value)
}

/** Accepts what a rule accepts, and an absent member. */
export function optional(accepts: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || accepts(value)
}
