import { z } from 'zod'
import type { Route, Vendor } from '../contract.js'
import type { Evidence } from '../kernel/evidence.js'
import { statusesOf } from '../kernel/outcome.js'
import { controlExample } from './control-examples.js'
import type { DescribedCall } from './described-call.js'
import { componentSchema, schemaOf, type Components, type JsonSchema } from './schema.js'

/** One parameter of an operation. */
export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description?: string
  schema: JsonSchema
  /** Works against the default seed. */
  example?: string
}

/** One body in one media type. */
export interface MediaType {
  schema?: JsonSchema
  example?: unknown
}

/** One answer of an operation. */
export interface Answer {
  description: string
  headers?: Record<string, { description: string; schema: JsonSchema }>
  content?: Record<string, MediaType>
  /** The outcomes that are answered so. */
  'x-outcomes'?: string[]
}

/** One call as OpenAPI writes it; what OpenAPI has no member for begins with `x-`. */
export interface Operation {
  operationId: string
  tags: string[]
  summary: string
  parameters?: Parameter[]
  requestBody?: { required: boolean; content: Record<string, MediaType> }
  responses: Record<string, Answer>
  security?: Record<string, string[]>[]
  'x-evidence'?: Evidence
  /** The vendor's own hosts that serve it; absent: all of them. */
  'x-hosts'?: readonly string[]
  /** State that must exist before any request succeeds. */
  'x-needs'?: string
}

/** A vendor's route as an operation, with why it is believed to behave so. */
export function routeOperation({ id }: Vendor, route: Route, components: Components): Operation {
  const operationId = idOf(id, route.method, route.path)
  const { request = {}, responses = {} } = route
  const at = (name: string) => ({ components, name: `${operationId}.${name}` })
  const statuses = new Map<number, string[]>()
  for (const [outcome, given] of Object.entries(route.outcomes)) {
    for (const status of statusesOf(given)) statuses.set(status, [...(statuses.get(status) ?? []), outcome])
  }
  for (const status of Object.keys(responses)) if (!statuses.has(Number(status))) statuses.set(Number(status), [])
  const content: Record<string, MediaType> = {}
  const example = request.example === undefined ? {} : { example: request.example }
  if (request.json) content['application/json'] = { schema: componentSchema(request.json, 'input', at('json')), ...example }
  if (request.form)
    content['application/x-www-form-urlencoded'] = { schema: componentSchema(request.form, 'input', at('form')), ...example }
  return {
    operationId,
    tags: [id],
    summary: route.summary,
    ...withParameters(
      [...pathParameters(route.path), ...fieldParameters('query', request.query), ...fieldParameters('header', request.headers)].map(
        (one) => withExample(one, request.examples?.[one.name]),
      ),
    ),
    ...(Object.keys(content).length > 0 && { requestBody: { required: true, content } }),
    responses: Object.fromEntries(
      [...statuses]
        .sort(([a], [b]) => a - b)
        .map(([status, outcomes]): [string, Answer] => {
          const { description = outcomes.join(', '), schema, example: shown, mediaType } = responses[status] ?? {}
          const body: MediaType = {
            ...(schema && { schema: componentSchema(schema, 'output', at(String(status))) }),
            ...(shown !== undefined && { example: shown }),
          }
          const hasBody = mediaType !== undefined || Object.keys(body).length > 0
          const sent = hasBody && { content: { [mediaType ?? 'application/json']: body } }
          return [String(status), { description, headers: trace, ...sent, 'x-outcomes': outcomes }]
        }),
    ),
    'x-evidence': route.evidence,
    ...(route.hosts && { 'x-hosts': route.hosts }),
    ...(request.needs !== undefined && { 'x-needs': request.needs }),
  }
}

/** A control call as an operation. */
export function controlOperation(call: DescribedCall, components: Components): Operation {
  const path = controlPath(call)
  const operationId = idOf('sandbox', call.method, path)
  const at = (name: string) => ({ components, name: `${operationId}.${name}` })
  const { example, examples, needs } = controlExample(call.method, path)
  const body = call.body && {
    'application/json': { schema: componentSchema(call.body, 'input', at('json')), ...(example !== undefined && { example }) },
  }
  return {
    operationId,
    tags: [call.tag],
    summary: call.summary,
    ...withParameters(
      [...pathParameters(path), ...fieldParameters('query', call.query)].map((one) => withExample(one, examples?.[one.name])),
    ),
    ...(body && { requestBody: { required: call.bodyOptional !== true, content: body } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(call.answers).map(([status, { description, schema, mediaType }]): [string, Answer] => {
          if (Number(status) >= 400 && !schema) return [status, problemAnswer(description)]
          const shape = schema && componentSchema(schema, 'output', at(status))
          if (!shape && mediaType === undefined) return [status, { description }]
          return [status, { description, content: { [mediaType ?? 'application/json']: shape ? { schema: shape } : {} } }]
        }),
      ),
      default: problemAnswer(
        'Refused, such as 400 for a body that is not JSON, 404 for an unknown workspace and 422 for a value that does not fit',
      ),
    },
    security: [{}, { controlToken: [] }],
    ...(needs !== undefined && { 'x-needs': needs }),
  }
}

function problemAnswer(description: string): Answer {
  return { description, content: { 'application/problem+json': { schema: problemReference } } }
}

/** The path of a control call as OpenAPI writes it. */
export function controlPath({ path }: Pick<DescribedCall, 'path'>): string {
  return path.replaceAll(/\{(\w+)\*\}/g, '{$1}')
}

const problemReference = { $ref: '#/components/schemas/Problem' }

const trace = { 'X-Sandbox-Request': { description: 'The id of its traffic entry', schema: { type: 'string' } } }

function withParameters(parameters: Parameter[]): { parameters?: Parameter[] } {
  return parameters.length > 0 ? { parameters } : {}
}

function withExample(parameter: Parameter, example: string | undefined): Parameter {
  return example === undefined ? parameter : { ...parameter, example }
}

function pathParameters(path: string): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
}

function fieldParameters(place: 'query' | 'header', fields: z.ZodObject | undefined): Parameter[] {
  if (!fields) return []
  // Read numbers are texts on the wire; what they become says more of them.
  const { properties = {} } = schemaOf(fields, 'output') as { properties?: Record<string, JsonSchema> }
  return Object.entries(fields.shape).map(([name, shape]) => {
    const { description, ...schema } = properties[name] ?? {}
    const required = !(shape as z.ZodType).safeParse(undefined).success
    return { name, in: place, required, ...(typeof description === 'string' && { description }), schema }
  })
}

function idOf(owner: string, method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  // A path with a slash at its end is another one.
  if (words.length > 0 && path.endsWith('/')) words.push('')
  return [owner, method.toLowerCase(), ...words].join('_')
}
