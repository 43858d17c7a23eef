import { z } from 'zod'
import type { ControlContext } from '../context.js'
import { faultErrors } from '../../faults/check.js'
import { profileRequest, profileRules, type ProfileRequest } from '../../faults/profiles.js'
import { addFaults, deleteFaults, describeFault } from '../../faults/rows.js'
import { effect, faultRule, type FaultRule } from '../../faults/rule.js'
import { InvalidInput, NotFound, type Pointer, pointersOf, wordOfIssue } from '../../kernel/problem.js'
import { schemaOf } from '../../openapi/schema.js'
import { requestMatch } from '../../traffic/matching/match.js'
import { jsonResponse } from '../app.js'
import { controlCall } from '../call.js'

/** The form in which the control API shows a fault. */
export const shownFault = z.object({
  id: z.string(),
  profile: z.string().optional().describe('Profile that it was created by'),
  match: requestMatch,
  position: z.enum(['before', 'after']),
  effect,
  times: z.number().optional(),
  skip: z.number(),
  probability: z.number(),
  matched: z.number().describe('Number of requests that matched'),
  hits: z.number().describe('Number of requests it was applied to'),
})

/** Creating, listing and deleting faults. */
export const faultCalls = [
  controlCall({
    method: 'GET',
    path: '/faults',
    tag: 'faults',
    summary: 'Every fault, in the order in which they are tried on a request',
    answers: { 200: { description: 'The faults', schema: z.object({ faults: z.array(shownFault) }) } },
    async handle({ reading }) {
      const { space } = await reading()
      return { faults: (await space.setting()).faults.map(describeFault) }
    },
  }),
  controlCall({
    method: 'POST',
    path: '/faults',
    tag: 'faults',
    summary: 'Create a fault, or the set of faults of a profile',
    // The handler picks the schema so that errors name its members; the union is only for the documents.
    body: z.unknown().meta({ anyOf: [faultRule, profileRequest].map((shape) => schemaOf(shape, 'input')) }),
    keepsDigits: true,
    answers: {
      201: {
        description: 'The fault, or all faults of the profile',
        schema: z.union([shownFault, z.object({ faults: z.array(shownFault) })]),
      },
      422: { description: 'Invalid fault, unknown vendor, reply or effect' },
    },
    note: ({ body }) => noteOf(body),
    async handle({ context, body, writing }) {
      const isProfile = typeof body === 'object' && body !== null && 'profile' in body
      const set = isProfile ? parse(profileRequest, body) : undefined
      const rules = set ? rulesOf(context, set) : [checkedRule(context, parse(faultRule, body))]
      const { space } = await writing()
      const { value } = await space.transact((rows) => addFaults(rows, rules, set?.profile))
      const faults = value.map(describeFault)
      return jsonResponse(201, set ? { faults } : faults[0])
    },
  }),
  controlCall({
    method: 'DELETE',
    path: '/faults',
    tag: 'faults',
    summary: 'Delete all faults',
    answers: { 204: { description: 'Deleted' } },
    note: () => 'all faults removed',
    async handle({ writing }) {
      const { space } = await writing()
      await space.transact((rows) => deleteFaults(rows, () => true))
    },
  }),
  controlCall({
    method: 'GET',
    path: '/faults/{id}',
    tag: 'faults',
    summary: 'One fault with its counters',
    answers: { 200: { description: 'The fault', schema: shownFault }, 404: { description: 'Fault not found' } },
    async handle({ params, reading }) {
      const { space } = await reading()
      const row = (await space.setting()).faults.find(({ id }) => id === params['id'])
      if (!row) throw unknownFault(params['id'])
      return describeFault(row)
    },
  }),
  controlCall({
    method: 'DELETE',
    path: '/faults/{id}',
    tag: 'faults',
    summary: 'Delete one fault',
    answers: { 204: { description: 'Deleted' }, 404: { description: 'Fault not found' } },
    note: ({ params }) => `fault ${params['id']} removed`,
    async handle({ params, writing }) {
      const { space } = await writing()
      const { value } = await space.transact((rows) => deleteFaults(rows, ({ id }) => id === params['id']))
      if (value === 0) throw unknownFault(params['id'])
    },
  }),
]

/** Sentence about a fault or a set of faults that was added. */
function noteOf(body: unknown): string {
  // The handler has accepted the body.
  const { profile, match, effect: what, position } = body as Partial<FaultRule & ProfileRequest>
  const target = [match?.vendor, match?.method, match?.path].filter(Boolean).join(' ')
  const name = profile ? `faults "${profile}"` : `fault "${what?.kind}"${position === 'after' ? ' after the vendor' : ''}`
  return `${name} added${target && ` for ${target}`}`
}

function rulesOf(context: ControlContext, request: ProfileRequest): FaultRule[] {
  const { match, profile } = request
  if (match.vendor === undefined) {
    throw invalid([{ path: '/match/vendor', message: `Profile "${profile}" needs match.vendor, because its replies are vendor-specific.` }])
  }
  const errors = faultErrors({ match, effect: { kind: 'drop' } }, context.vendors)
  if (errors.length > 0) throw invalid(errors)
  return profileRules(
    request,
    context.vendors.find(({ id }) => id === match.vendor)!,
  )
}

function checkedRule(context: ControlContext, rule: FaultRule): FaultRule {
  const errors = faultErrors(rule, context.vendors)
  if (errors.length > 0) throw invalid(errors)
  return rule
}

function parse<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const result = schema.safeParse(body, { error: wordOfIssue })
  if (result.success) return result.data
  throw invalid(pointersOf(result.error.issues))
}

function invalid(errors: Pointer[]): InvalidInput {
  return new InvalidInput({ type: 'invalid-fault', title: 'Invalid fault; nothing was created.', errors })
}

function unknownFault(id: string | undefined): NotFound {
  return new NotFound({
    type: 'unknown-fault',
    title: 'Fault not found.',
    detail: `There is no fault "${id}"; "coinslot fault list" lists them.`,
  })
}
