import type { z } from 'zod'

/**
 * An error of the sandbox itself (RFC 9457), never part of a vendor's reply: what happened, with the value, and what to do next.
 *
 * @example throw new Problem(404, 'unknown-table', 'teak has no table "purchase".', 'Its tables: games, players, purchases.')
 */
export class Problem extends Error {
  override readonly name = 'Problem'

  constructor(
    readonly status: number,
    /** Stable word, the end of the problem's `type`. */
    readonly type: string,
    readonly title: string,
    readonly detail: string,
    readonly errors?: readonly Pointer[],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${title} ${detail}`.trim())
  }

  toJSON(): ProblemDocument {
    const { type, title, status, detail, errors } = this
    return { type: `urn:coinslot:problem:${type}`, title, status, detail, ...(errors && { errors }) }
  }
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

/** Pointers to the members that do not match a schema, below a path. An unknown member has its own pointer. */
export function pointersOf(issues: readonly z.core.$ZodIssue[], below: readonly PropertyKey[] = []): Pointer[] {
  return issues.flatMap((issue) => {
    const path = [...below, ...issue.path]
    if (issue.code !== 'unrecognized_keys') return [{ path: pointer(path), message: issue.message }]
    return issue.keys.map((key) => ({ path: pointer([...path, key]), message: 'Unknown member.' }))
  })
}

/** A JSON pointer (RFC 6901) from path parts. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
