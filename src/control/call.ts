import type { Context } from 'hono'
import type { z } from 'zod'
import type { ControlContext } from './context.js'
import type { ApiDocuments } from '../openapi/documents.js'
import type { OpenWorkspace } from '../workspace/workspaces.js'

/** What Hono carries for a control call beside the request. */
export interface ControlEnv {
  Bindings: {
    /** The workspace the spine chose from header, path or port. */
    workspace: string
    /** Below `/_sandbox`. */
    path: string
  }
}

/** One call of the control API: a value, so that checks, OpenAPI and the documents come from it. */
export interface ControlCall<Body extends z.ZodType = z.ZodType, Query extends z.ZodObject = z.ZodObject> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/_sandbox`, with parameters in braces; `{key*}` takes the rest of the path. */
  path: string
  summary: string
  tag: string
  body?: Body
  /** A body may be left out. */
  bodyOptional?: boolean
  query?: Query
  /** Status and what it answers. */
  answers: Readonly<Record<number, { description: string; schema?: z.ZodType; mediaType?: string }>>
  /** Answers with a Response, or with a value that becomes 200 JSON; undefined becomes 204. */
  handle(call: ControlInput<z.infer<Body>, z.infer<Query>>): Promise<unknown>
}

/** A control call under way: what was sent has been checked. */
export interface ControlInput<Body = unknown, Query = Record<string, unknown>> {
  context: ControlContext
  documents: ApiDocuments
  c: Context<ControlEnv>
  params: Readonly<Record<string, string>>
  query: Query
  body: Body
  workspaceName: string
  /** The workspace to read from. @throws Problem 404 when nobody made it */
  reading: () => Promise<OpenWorkspace>
  /** The workspace to change, made when it is not there. */
  writing: () => Promise<OpenWorkspace>
}

/** Declares a control call with the types of its body and query tied together. */
export function controlCall<Body extends z.ZodType = z.ZodUndefined, Query extends z.ZodObject = z.ZodObject>(
  call: ControlCall<Body, Query>,
): ControlCall {
  // The app hands every call the values its own schemas produced.
  return call
}
