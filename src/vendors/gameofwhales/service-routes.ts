import { z } from 'zod'
import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { expectedMember } from '../../kernel/expected-member.js'
import { nearest } from '../../kernel/nearest.js'
import { show } from '../../kernel/show.js'
import { refusals, versionHeader, type ServedMethod } from './method.js'
import { readVersion } from './read-call.js'
import { answer, notFound } from './replies.js'
import type { tables } from './tables.js'
import { hasExperiments, newestVersion } from './versions.js'

/** `GET /`: the first call of the one known client of this port, which waits for `latestVersion`. */
export const index: Route<typeof tables> = {
  method: 'GET',
  path: '/',
  summary: 'Name the service and its newest version',
  evidence: evidence('documented', 'vendor page, rest-api', ['the version header is negotiated as in other calls']),
  request: { headers: versionHeader },
  outcomes: { answered: 200, 'invalid-version': 400 },
  responses: {
    200: {
      description: 'The service',
      schema: z.object({ name: z.string(), latestVersion: z.string() }),
      example: { name: 'Game of Whales service', latestVersion: newestVersion },
    },
    400: refusals[400]!,
  },
  handle(call) {
    const choice = readVersion(call)
    if (!choice.ok) return choice.reply
    call.explain('answered', `The newest version is ${newestVersion}; this call was handled by version ${choice.version}.`)
    return answer(200, { name: 'Game of Whales service', latestVersion: newestVersion }, choice.version)
  },
}

/** `GET /schema/<method>`: the JSON Schema of a method's body. */
export function schemaRoute(methods: readonly ServedMethod[]): Route<typeof tables> {
  const byName = new Map(methods.map((method) => [method.name, method.schemas]))
  return {
    method: 'GET',
    path: '/schema/{method}',
    summary: 'Show the JSON Schema of a method',
    evidence: evidence('documented', 'vendor page, rest-api', ['the form of the schema is not public; this is JSON Schema draft 7']),
    request: { headers: versionHeader, examples: { method: 'receipt' } },
    outcomes: { answered: 200, 'invalid-version': 400, 'unknown-method': 404 },
    responses: {
      200: { description: 'A JSON Schema of the body', schema: z.looseObject({}) },
      400: refusals[400]!,
      404: { description: 'No such method', schema: z.object({ code: z.string(), message: z.string() }) },
    },
    handle(call) {
      const name = call.request.params['method'] ?? ''
      const schemas = byName.get(name)
      if (!schemas) {
        const names = [...byName.keys()]
        const expected = expectedMember(['path'], call.request.path, `/schema/${nearest(name, names)[0]}`)
        call.explain('unknown-method', `There is no method ${show(name)}. The methods are ${names.join(', ')}.`, { expected: [expected] })
        return notFound(call.request)
      }
      const choice = readVersion(call)
      if (!choice.ok) return choice.reply
      const { version } = choice
      call.explain('answered', `The reply is the schema of the body of ${name} in version ${version}.`)
      const generation = hasExperiments(version) ? 'second' : 'first'
      const schema = call.keys.prepared(`gameofwhales schema ${name} ${generation}`, () =>
        z.toJSONSchema(schemas[generation], { target: 'draft-7', io: 'input' }),
      )
      return answer(200, schema, version)
    },
  }
}
