import { z } from 'zod'
import type { Call, ExpectedMember, RequestShape, Route } from '../../contract.js'
import type { Evidence } from '../../kernel/evidence.js'
import { once } from '../../kernel/once.js'
import type { Outcome } from '../../kernel/outcome.js'
import type { Reply } from '../../kernel/reply.js'
import { apiErrorBody, apiErrors, statusOfCode, type ApiErrorCode } from './errors.js'
import { apiHosts } from './hosts.js'
import type { App, AppStoreTables, Environment } from './tables.js'

/** A request to the App Store Server API whose token was accepted. */
export interface ApiCall {
  call: Call<AppStoreTables>
  app: App
  environment: Environment
}

/** A success: its outcome, with the sentence that explains it. Without a body the reply is empty. */
export interface ApiSuccess {
  outcome: string
  sentence: string
  body?: object | undefined
  warnings?: readonly string[]
  /** Reply of a call that Apple answers in another form than with JSON and the status of success. */
  reply?: Reply
}

/** A refusal with the code of the error. */
export interface ApiRefusal {
  code: ApiErrorCode
  sentence: string
  expected?: readonly ExpectedMember[]
}

/** Handler of one call of the API. */
export type ApiHandler = (api: ApiCall) => Promise<ApiSuccess | ApiRefusal>

/** Declaration of one call of the API. */
interface ApiRoute {
  method: Route['method']
  path: string
  summary: string
  evidence: Evidence
  request?: RequestShape
  /** Outcomes of success, each with its status. */
  outcomes: Readonly<Record<string, Outcome>>
  /** Status, description and schema of success. */
  success: { status: number; description: string; schema?: z.ZodType }
  /** Codes beside those that every call can have. */
  errors: readonly ApiErrorCode[]
  /** Loads the handler when it is first needed, because most runs never need it. */
  load(): Promise<ApiHandler>
}

/** Refuses a call with an error of the API. */
export function refuse(code: ApiErrorCode, sentence: string, expected: readonly ExpectedMember[] = []): ApiRefusal {
  return { code, sentence, expected }
}

/** Makes a route of the App Store Server API. Its token is checked before anything else. */
export function apiRoute({ load, errors, outcomes, success, ...declared }: ApiRoute): Route<AppStoreTables> {
  const all: readonly ApiErrorCode[] = [...errors, 5000001]
  const failures = Object.fromEntries(all.map((code) => [apiErrors[code].outcome, statusOfCode(code)]))
  const { status, ...described } = success
  const loaded = once(() => Promise.all([import('./access/answer.js'), load()]))
  return {
    ...declared,
    hosts: apiHosts,
    hasEmptyParameters: true,
    outcomes: { ...outcomes, unauthenticated: 401, ...failures },
    responses: { [status]: described, 401: unauthenticated, ...responsesOf(all) },
    async handle(call) {
      const [{ answer }, handler] = await loaded()
      return answer(call, handler, status)
    },
  }
}

const unauthenticated = { description: 'The bearer token is refused; plain text', mediaType: 'text/plain', schema: z.string() }

function responsesOf(codes: readonly ApiErrorCode[]): NonNullable<Route['responses']> {
  const statuses = [...new Set(codes.map(statusOfCode))]
  const descriptionOf = (status: number) => `errorCode ${codes.filter((code) => statusOfCode(code) === status).join(', ')}`
  return Object.fromEntries(statuses.map((status) => [status, { description: descriptionOf(status), schema: apiErrorBody }]))
}
