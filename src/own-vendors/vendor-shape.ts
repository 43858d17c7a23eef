import { z } from 'zod'
import { evidenceLevels } from '../kernel/evidence.js'
import { verdicts } from '../kernel/outcome.js'

/** Errors of a value that should be a vendor, as messages for its author; empty if it is valid. */
export function vendorErrors(value: unknown): string[] {
  const result = vendorShape.safeParse(value)
  if (result.success) return []
  return result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'it'} ${message}`)
}

/** True if an exported value looks like an attempt at a vendor. */
export function meansToBeVendor(value: unknown): value is { id: unknown } {
  return typeof value === 'object' && value !== null && 'id' in value && ('routes' in value || 'tables' in value || 'hosts' in value)
}

const callable = z.custom<unknown>((value) => typeof value === 'function', 'must be a function')
const text = z.string({ error: 'must be a string' }).min(1, 'must not be empty')
const word = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
/** Ids that have another meaning as members of a seed document or as prefixes of tables. */
const reserved = ['marketplace', 'faults', 'clock', 'upstreams', 'sandbox', 'registry']

const status = z
  .int({ error: 'must be a status, 100 to 599' })
  .min(100, 'must be a status, 100 to 599')
  .max(599, 'must be a status, 100 to 599')

const route = z.looseObject({
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE', 'PATCH'], { error: 'must be GET, POST, PUT, DELETE or PATCH' }),
  path: z.string({ error: 'must be a string' }).startsWith('/', 'must start with /, with parameters in braces: /v1/orders/{id}'),
  hosts: z.array(z.string(), { error: 'must be an array of host names' }).min(1, 'must name at least one host').optional(),
  summary: text,
  evidence: z.looseObject(
    {
      level: z.enum(evidenceLevels, { error: `must be one of ${evidenceLevels.join(', ')}` }),
      source: text,
      gaps: z.array(z.string(), { error: 'must be an array of strings' }),
    },
    { error: "must be created by evidence('inferred', 'its source')" },
  ),
  outcomes: z
    .record(
      z.string().regex(word),
      z.union([status, z.array(status), z.strictObject({ verdict: z.enum(verdicts), status: z.union([status, z.array(status)]) })]),
      {
        error: 'must name each outcome with its status: { recorded: 200 }; names are lower-case words with hyphens',
      },
    )
    .refine((outcomes) => Object.keys(outcomes).length > 0, 'must name at least one outcome with its status: { recorded: 200 }'),
  handle: callable,
})

const table = z
  .custom<{ schema: { shape: object; safeParse(row: unknown): { success: boolean } }; key: string[] }>(
    (value) => isRecord(value) && isObjectSchema(value['schema']) && Array.isArray(value['key']) && isRecord(value['indexes']),
    "must be created by table(z.strictObject({ … }), ['key field']), with the z that coinslot exports or zod 4",
  )
  .superRefine(({ schema, key }, context) => {
    const fields = Object.keys(schema.shape)
    const strange = key.filter((field) => !fields.includes(field))
    if (key.length === 0) context.addIssue('must have a key field')
    if (strange.length > 0) context.addIssue(`has key ${strange.join(', ')}, which is not a field of its rows: ${fields.join(', ')}`)
    if (takesUnknownFields(schema)) context.addIssue('must use z.strictObject, so that a misspelt field of a seed is reported')
  })

const vendorShape = z
  .looseObject({
    id: z
      .string({ error: 'must be a string' })
      .regex(/^[a-z][a-z0-9_]{0,30}$/, 'must be lower-case letters, digits and underscores, a letter first, 31 at most')
      .refine((id) => !reserved.includes(id), `must not be one of ${reserved.join(', ')}, which mean something else in a seed`),
    title: text,
    baseUrls: z.array(z.url({ error: 'must be a URL such as https://api.acme.test' }), { error: 'must be an array of URLs' }),
    hosts: z
      .array(z.string().regex(/^[a-z0-9.-]+$/, 'must be a host name in lower case without port'), {
        error: 'must be an array of host names',
      })
      .min(1, 'must name at least one host'),
    ports: z.array(z.int().min(1).max(65_535), { error: 'must be an array of port numbers' }),
    ownPaths: z
      .array(z.string().regex(/^[a-z][\w.-]*$/i, 'must be the first segment of a path without slashes'), {
        error: 'must be an array of strings',
      })
      .optional(),
    pathPrefixes: z
      .array(z.string().regex(/^(\/[\w.-]+)+$/, 'must be a path prefix such as /sandbox'), { error: 'must be an array of path prefixes' })
      .optional(),
    tables: z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/), table, { error: 'must be an object of tables; names are camelCase' }),
    routes: z
      .array(route, { error: 'must be an array of routes' })
      .min(1, 'must have at least one route')
      .superRefine((routes, context) => {
        const names = routes.map(({ method, path }) => `${method} ${path}`)
        const twice = names.filter((name, at) => names.indexOf(name) !== at)
        if (twice.length > 0) context.addIssue(`has duplicate ${twice.join(', ')}`)
      }),
    failureReply: z.custom<unknown>(
      (value) => typeof value === 'function',
      'must be a function that replies if no route matches: (failure) => json(404, …)',
    ),
    replies: z.record(z.string().regex(word), z.looseObject({ status, summary: text, reply: callable }), {
      error: 'must be an object of named replies; names are lower-case words with hyphens',
    }),
    notModelled: z.array(z.string(), { error: 'must be an array of strings' }).optional(),
  })
  .superRefine(({ hosts, routes }, context) => {
    for (const [at, { hosts: named }] of routes.entries()) {
      const foreign = named?.filter((host) => !hosts.includes(host)) ?? []
      if (foreign.length > 0)
        context.addIssue({
          code: 'custom',
          path: ['routes', at, 'hosts'],
          message: `names ${foreign.join(', ')}, which is not among the hosts of the vendor`,
        })
    }
  })

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** True for an object schema of any copy of zod 4, all of which set this member. */
function isObjectSchema(schema: unknown): boolean {
  return isRecord(schema) && isRecord(schema['_zod']) && isRecord(schema['shape'])
}

function takesUnknownFields(schema: object): boolean {
  // A strict object has a catch-all of type never, in every copy of zod 4.
  const inside = z.object({
    _zod: z.object({ def: z.object({ catchall: z.object({ _zod: z.object({ def: z.object({ type: z.literal('never') }) }) }) }) }),
  })
  return !inside.safeParse(schema).success
}
