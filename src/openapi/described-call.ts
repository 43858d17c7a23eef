import type { z } from 'zod'

/** Declaration of one call of the control API, from which its OpenAPI operation follows. */
export interface DescribedCall<Body extends z.ZodType = z.ZodType, Query extends z.ZodObject = z.ZodObject> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/_sandbox`, with parameters in braces; `{key*}` takes the rest of the path. */
  path: string
  summary: string
  tag: string
  body?: Body
  /** True if the body may be absent. */
  bodyOptional?: boolean
  query?: Query
  /** Responses by status. */
  answers: Readonly<Record<number, { description: string; schema?: z.ZodType; mediaType?: string }>>
}
