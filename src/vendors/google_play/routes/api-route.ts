import { z } from 'zod'
import type { Call, RequestShape, Route } from '../../../contract.js'
import { evidence, type Evidence } from '../../../kernel/evidence.js'
import { once } from '../../../kernel/once.js'
import { repeated, statusesOf, type Outcome } from '../../../kernel/outcome.js'
import type { Reply } from '../../../kernel/reply.js'
import type { tables } from '../tables.js'

/** A route of Google Play. */
export type PlayRoute = Route<typeof tables>
type Handler = (call: Call<typeof tables>) => Promise<Reply> | Reply

/** Hosts of the API; the second has the old base path, which older libraries use. */
export const apiHosts = ['androidpublisher.googleapis.com', 'www.googleapis.com']

const app = '/androidpublisher/v3/applications/{packageName}'
export const purchases = `${app}/purchases`
export const orders = `${app}/orders`

/** Outcomes by which every call of the API can be refused. */
const refusals = {
  unauthenticated: 401,
  'invalid-credentials': 401,
  'insufficient-scope': 403,
  'unknown-app': 404,
  'account-not-allowed': 401,
  unreadable: 400,
  'invalid-argument': 400,
  'not-modelled': 404,
  'store-unreachable': 503,
} as const
export const tokenRefusals = { 'invalid-token': 400, 'wrong-package': 400, 'unknown-token': 404, 'token-no-longer-valid': 410 } as const
export const subscriptionRefusals = { ...tokenRefusals, 'expired-too-long': 410 } as const

export const authorized = { authorization: 'Bearer ya29.sandbox', packageName: 'com.example.game' }
const purchaseExamples = { ...authorized, productId: 'gems.10', subscriptionId: 'club.monthly', token: 'a-purchase-token-of-this-app' }
export const needsPurchase = 'A purchase of the app com.example.game: coinslot mint google_play, or the action purchase of the store.'

/** Schemas for the documents. They are made with the first document, because a start needs none. */
export const shapes = once(() => ({
  headers: z.object({
    authorization: z.string().describe('Bearer with an access token of POST /token, or one of google_play.accessTokens'),
  }),
  tokenError: z.object({ error: z.string(), error_description: z.string() }),
  payload: z.looseObject({ developerPayload: z.string().optional() }),
  error: z.object({
    error: z.object({
      code: z.int(),
      message: z.string(),
      errors: z.array(
        z.object({
          message: z.string(),
          domain: z.string(),
          reason: z.string(),
          location: z.string().optional(),
          locationType: z.string().optional(),
        }),
      ),
      status: z.string().optional(),
    }),
  }),
}))

const refusalDescriptions: Readonly<Record<number, string>> = {
  400: 'Token, package or product do not fit, or the purchase is not in a state for it',
  401: 'No valid access token, or the account may not ask about the app',
  403: 'The token lacks the scope androidpublisher',
  404: 'Unknown app or purchase',
  409: 'The subscription changed since it was read',
  410: 'The purchase token is no longer valid, or the subscription expired too long ago',
  503: 'Google Play is unreachable',
}

/** Returns the responses for those statuses of outcomes that are errors; all of them have one form. */
function refusalResponses(outcomes: Readonly<Record<string, Outcome>>): NonNullable<PlayRoute['responses']> {
  const schema = shapes().error
  const statuses = Object.values(outcomes).flatMap(statusesOf)
  return Object.fromEntries(
    Object.entries(refusalDescriptions).flatMap(([status, description]) =>
      statuses.includes(Number(status)) ? [[status, { description, schema }]] : [],
    ),
  )
}

/** Members of every route. */
interface Described {
  method: 'GET' | 'POST'
  path: string
  hosts?: readonly string[]
  summary: string
  outcomes: Readonly<Record<string, Outcome>>
  request?: () => RequestShape
  responses?: () => NonNullable<PlayRoute['responses']>
  /** Loads the handler with the first request. */
  load: () => Promise<Handler>
}

/** Names of a method of the API, from which its entry in the discovery document is made. */
interface Method {
  /** Name in the reference: `purchases.products.get`. */
  id: string
  isDeprecated?: boolean
  /** Google's names of the schemas of body and reply, where there are any. */
  requestName?: string
  responseName?: string
}

/** A method of the API as a route. */
export type ApiRoute = PlayRoute & Method

/** Makes the route of a method of the API, with the refusals that all of them have. */
export function apiRoute({ outcomes, request, responses, gaps, ...method }: Described & Method & { gaps?: string[] }): ApiRoute {
  const source = `androidpublisher v3 reference, ${method.id}${method.isDeprecated ? ' (deprecated)' : ''}`
  const { id, isDeprecated, requestName, responseName } = method
  const all = { ...outcomes, ...refusals }
  const route = playRoute({
    ...method,
    hosts: apiHosts,
    evidence: evidence('documented', source, gaps),
    outcomes: all,
    request: () => ({ headers: shapes().headers, examples: purchaseExamples, ...(request ? request() : { needs: needsPurchase }) }),
    responses: () => ({ ...refusalResponses(all), ...responses?.() }),
  })
  return Object.assign(route, { id, isDeprecated, requestName, responseName })
}

/** A route whose handler loads with the first request and whose schemas are made with the first document. */
export function playRoute({ load, request, responses, ...route }: Described & { evidence: Evidence }): PlayRoute {
  const handler = once(load)
  const requestOnce = request && once(request)
  const responsesOnce = responses && once(responses)
  return {
    ...route,
    get request(): RequestShape {
      return requestOnce?.() ?? {}
    },
    get responses() {
      return responsesOnce?.() ?? {}
    },
    handle: async (call) => (await handler())(call),
  }
}

export const acknowledged = {
  acknowledged: 204,
  'already-acknowledged': repeated(204),
  'invalid-state': 400,
  'invalid-argument': 400,
} as const
export const empty = { 204: { description: 'Done; the reply is empty' } }
