import { z } from 'zod'
import type { Call, ResponseShape, Route } from '../../contract.js'
import type { Evidence } from '../../kernel/evidence.js'
import type { Reply } from '../../kernel/reply.js'
import { readCall } from './read-call.js'
import { verifyStates, type tables } from './tables.js'
import type { Version } from './versions.js'
import { bodySchemas, type BodySchemas, type Envelope } from './wire.js'

/** One method of the API: everything that sets it apart from its neighbours. */
export interface Method<Event> {
  name: string
  summary: string
  evidence: Evidence
  event: z.ZodType<Event>
  /** Beside those that every method has. */
  outcomes: Route['outcomes']
  /** The method's own part of the answer. */
  own?: z.ZodRawShape
  example: object
  work: (call: Call<typeof tables>, version: Version, input: Envelope<Event>) => Promise<Reply>
}

/** A method as it is served: its route, and the shapes that `GET /schema/<method>` shows. */
export interface ServedMethod {
  name: string
  schemas: BodySchemas<unknown>
  route: Route<typeof tables>
}

/** Puts a method behind what all of them share: envelope, versions and error bodies. */
export function serve<Event>(method: Method<Event>): ServedMethod {
  const { name, summary, evidence, event, outcomes, own, example, work } = method
  const schemas = bodySchemas(event)
  const route: Route<typeof tables> = {
    method: 'POST',
    path: `/${name}`,
    summary,
    evidence,
    request: { headers: versionHeader, json: schemas.second, example },
    outcomes: { ...outcomes, unreadable: 400, 'invalid-version': 400, invalid: 400, 'unknown-game': 500 },
    responses: { 200: { description: 'Done', schema: z.looseObject({ ...own, ...answered }) }, ...refusals },
    handle(call) {
      const read = readCall(call, schemas)
      return read.ok ? work(call, read.version, read.input) : read.reply
    },
  }
  return { name, schemas, route }
}

/** Chooses the version; every call takes it. */
export const versionHeader = z.object({
  'Accept-Version': z.string().optional().describe('A version or a semver range; default: the newest'),
})

/** The `receipts` of an answer. */
export const receipts = z.array(z.object({ transaction: z.string(), verifyState: z.enum(verifyStates) }))

const answered = {
  properties: z.looseObject({ user: z.string(), group: z.string(), revenue: z.number() }),
  experiment: z
    .object({ id: z.string(), key: z.string(), groupKey: z.string(), payload: z.string().optional(), signature: z.string() })
    .optional()
    .describe('2.x only, while the user is in an experiment'),
  serverTime: z.number().describe('Unix milliseconds'),
}

const failureBody = z.object({ code: z.string(), message: z.string() })
const problem = z.object({ dataPath: z.string(), keyword: z.string(), message: z.string() })

/** The error bodies that every method shares. */
export const refusals: Readonly<Record<number, ResponseShape>> = {
  400: {
    description: 'InvalidContent (no JSON), InvalidVersion (not served) or BadRequest (fields, with problems)',
    schema: failureBody.extend({ problems: z.array(problem).optional() }),
  },
  500: {
    description: 'A failure inside the service, an unknown game or user included',
    schema: failureBody,
    example: { code: 'InternalServer', message: 'caused by UnprocessableEntityError: Profile not found' },
  },
}

/** Example values of what every body holds. */
export const exampleEnvelope = {
  game: 'sandbox-game',
  user: 'player-7',
  common: { country: 'DE', locale: 'de_DE', platform: 'android', store: 'GooglePlay', version: '1.4.2' },
}
