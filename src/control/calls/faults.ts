import { z } from 'zod'
import type { ControlContext } from '../context.js'
import { faultErrors } from '../../faults/check.js'
import { profileRequest, profileRules, type ProfileRequest } from '../../faults/profiles.js'
import { addFaults, deleteFaults, describeFault } from '../../faults/rows.js'
import { effect, faultRule, type FaultRule } from '../../faults/rule.js'
import { pointersOf, Problem, type Pointer } from '../../kernel/problem.js'
import { schemaOf } from '../../openapi/schema.js'
import { requestMatch } from '../../traffic/matching/match.js'
import { jsonResponse } from '../app.js'
import { controlCall } from '../call.js'

const shownFault = z.object({
  id: z.string(),
  match: requestMatch,
  position: z.enum(['before', 'after']),
  effect,
  times: z.number().optional(),
  skip: z.number(),
  probability: z.number(),
  matched: z.number().describe('Requests that matched'),
  hits: z.number().describe('Requests it was applied to'),
})

/** Faults: make them, look how often they struck, take them out. */
export const faultCalls = [
  controlCall({
    method: 'GET',
    path: '/faults',
    tag: 'faults',
    summary: 'Every fault, in the order in which they are tried',
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
    summary: 'Make a fault, or a ready set of them by its profile',
    // Which of the two it is decides what is wrong with it, so the union is for the documents alone.
    body: z.unknown().meta({ anyOf: [faultRule, profileRequest].map((shape) => schemaOf(shape, 'input')) }),
    answers: {
      201: {
        description: 'The fault, or for a profile all of its faults',
        schema: z.union([shownFault, z.object({ faults: z.array(shownFault) })]),
      },
      422: { description: 'Wrong shape, unknown vendor, reply or effect' },
    },
    async handle({ context, body, writing }) {
      const isProfile = typeof body === 'object' && body !== null && 'profile' in body
      const rules = isProfile ? rulesOf(context, parse(profileRequest, body)) : [checkedRule(context, parse(faultRule, body))]
      const { space } = await writing()
      const { value } = await space.transact((rows) => addFaults(rows, rules))
      const faults = value.map(describeFault)
      return jsonResponse(201, isProfile ? { faults } : faults[0])
    },
  }),
  controlCall({
    method: 'DELETE',
    path: '/faults',
    tag: 'faults',
    summary: 'Take all faults out',
    answers: { 204: { description: 'None is left' } },
    async handle({ writing }) {
      const { space } = await writing()
      await space.transact((rows) => deleteFaults(rows, () => true))
    },
  }),
  controlCall({
    method: 'GET',
    path: '/faults/{id}',
    tag: 'faults',
    summary: 'One fault with its hits',
    answers: { 200: { description: 'The fault', schema: shownFault }, 404: { description: 'No such fault' } },
    async handle({ params, reading }) {
      const { space } = await reading()
      const row = (await space.setting()).faults.find(({ id }) => id === params['id'])
      if (!row) throw noFault(params['id'])
      return describeFault(row)
    },
  }),
  controlCall({
    method: 'DELETE',
    path: '/faults/{id}',
    tag: 'faults',
    summary: 'Take one fault out',
    answers: { 204: { description: 'It is gone' }, 404: { description: 'No such fault' } },
    async handle({ params, writing }) {
      const { space } = await writing()
      const { value } = await space.transact((rows) => deleteFaults(rows, ({ id }) => id === params['id']))
      if (value === 0) throw noFault(params['id'])
    },
  }),
]

function rulesOf(context: ControlContext, request: ProfileRequest): FaultRule[] {
  const { match, profile } = request
  if (match.vendor === undefined) {
    throw wrong([{ path: '/match/vendor', message: `A profile speaks one vendor’s words: say whom "${profile}" shall befall.` }])
  }
  const errors = faultErrors({ match, effect: { kind: 'drop' } }, context.vendors)
  if (errors.length > 0) throw wrong(errors)
  return profileRules(
    request,
    context.vendors.find(({ id }) => id === match.vendor)!,
  )
}

function checkedRule(context: ControlContext, rule: FaultRule): FaultRule {
  const errors = faultErrors(rule, context.vendors)
  if (errors.length > 0) throw wrong(errors)
  return rule
}

function parse<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  throw wrong(pointersOf(result.error.issues))
}

function wrong(errors: Pointer[]): Problem {
  const detail = errors.map(({ path, message }) => `${path || '/'}: ${message}`).join('; ')
  return new Problem(422, 'invalid-fault', 'The fault is wrong; nothing was made.', detail, errors)
}

function noFault(id: string | undefined): Problem {
  return new Problem(404, 'unknown-fault', 'No such fault.', `There is no fault "${id}"; GET /_sandbox/faults lists them.`)
}
