import { z } from 'zod'
import type { Call, ResponseShape, Route } from '../../contract.js'
import type { Evidence } from '../../kernel/evidence.js'
import type { Reply } from '../../kernel/reply.js'
import { readCall } from './read-call.js'
import { verifyStates, type tables } from './tables.js'
import type { Version } from './versions.js'
import { bodySchemas, type BodySchemas, type Envelope } from './wire.js'

/** Declaration of a method of the API. */
export interface Method<Event> {
  name: string
  summary: string
  evidence: Evidence
  event: z.ZodType<Event>
  /** Outcomes besides those that every method has. */
  outcomes: Route['outcomes']
  /** The method's own part of the reply. */
  own?: z.ZodRawShape
  example: object
  work: (call: Call<typeof tables>, version: Version, input: Envelope<Event>) => Promise<Reply>
}

/** A method with its route and the schemas of `GET /schema/<method>`. */
export interface ServedMethod {
  name: string
  schemas: BodySchemas<unknown>
  route: Route<typeof tables>
}

/** Adds the common parts to a method: envelope, versions and error bodies. */
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
    async handle(call) {
      const read = await readCall(call, schemas)
      return read.ok ? work(call, read.version, read.input) : read.reply
    },
  }
  return { name, schemas, route }
}

/** The header that chooses the version of every call. */
export const versionHeader = z.object({
  'Accept-Version': z.string().optional().describe('A version or a semver range; default: the newest'),
})

/** The `receipts` of a reply. */
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

/** Example values of the members of every body. */
export const exampleEnvelope = {
  game: 'sandbox-game',
  user: 'player-7',
  common: { country: 'DE', locale: 'de_DE', platform: 'android', store: 'GooglePlay', version: '1.4.2' },
}
