import type { Context } from 'hono'
import type { z } from 'zod'
import type { DescribedCall } from '../openapi/described-call.js'
import type { OpenWorkspace } from '../workspace/workspaces.js'
import type { ControlContext } from './context.js'

/** Values that the control app finds in Hono's environment beside the request. */
export interface ControlEnv {
  Bindings: {
    /** Name of the workspace, chosen by header, path or port. */
    workspace: string
    /** Below `/_sandbox`. */
    path: string
  }
}

/** One call of the control API: its declaration and its handler. */
export interface ControlCall<Body extends z.ZodType = z.ZodType, Query extends z.ZodObject = z.ZodObject> extends DescribedCall<
  Body,
  Query
> {
  /** True for a body that is a whole workspace; --snapshot-limit holds for it in place of --body-limit. */
  isDocument?: boolean
  /** True for a body whose numbers may be longer than a double holds: those become {@link NumberAsSent}. */
  keepsDigits?: boolean
  /** Resolves to a Response, or to a value that is sent as 200 with JSON; undefined is sent as 204. */
  handle(call: ControlInput<z.infer<Body>, z.infer<Query>>): Promise<unknown>
  /** Sentence about the change that a successful call made, for the list of requests; undefined if it changed nothing. */
  note?(call: ControlInput<z.infer<Body>, z.infer<Query>>): string | undefined
}

/** Input of a control call; body and query have passed their schemas. */
export interface ControlInput<Body = unknown, Query = Record<string, unknown>> {
  context: ControlContext
  c: Context<ControlEnv>
  params: Readonly<Record<string, string>>
  query: Query
  body: Body
  workspaceName: string
  /** Opens the workspace for reading. @throws NotFound if it does not exist */
  reading: () => Promise<OpenWorkspace>
  /** Opens the workspace for a change; creates it if it does not exist. */
  writing: () => Promise<OpenWorkspace>
}

/** Declares a control call with the types of its body and query tied together. */
export function controlCall<Body extends z.ZodType = z.ZodUndefined, Query extends z.ZodObject = z.ZodObject>(
  call: ControlCall<Body, Query>,
): ControlCall {
  // The app hands every call the values that the call's own schemas produced.
  return call
}
