import { z } from 'zod'
import type { Call } from '../../../contract.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import type { Reply } from '../../../kernel/reply.js'
import { show } from '../../../kernel/show.js'
import { publisherScope } from '../access/access.js'
import { answer, errorReply } from '../replies.js'
import type { ApiRoute } from '../routes/api-route.js'
import type { tables } from '../tables.js'

const version = 'v3'
const apiHost = 'androidpublisher.googleapis.com'

/** Replies with the discovery document of the API. */
export function replyWithDiscovery(call: Call<typeof tables>, methods: readonly ApiRoute[]): Reply {
  const asked = call.request.query.get('version') ?? version
  if (asked !== version) {
    call.explain('unknown-version', `version is ${show(asked)}; there is ${version}.`, {
      expected: [expectedMember(['query', 'version'], asked, version)],
    })
    const message = `Discovery document not found for API service: ${apiHost} format: rest version: ${asked}`
    return errorReply({ code: 404, status: 'NOT_FOUND', reason: 'notFound', message })
  }
  const rootUrl = rootUrlFor(call)
  call.explain('found', `The document describes ${methods.length} methods below ${rootUrl}.`)
  return answer(200, discoveryDocument(methods, rootUrl))
}

/** Returns the address of the API: Google's own, if it was asked, else that of the sandbox with the prefixes of workspace and vendor. */
function rootUrlFor({ request, workspace }: Call<typeof tables>): string {
  if (/\.(?:googleapis|google)\.com$/.test(request.host)) return `https://${apiHost}/`
  const origin = `${request.encrypted ? 'https' : 'http'}://${request.header('host') ?? request.host}`
  const inWorkspace = workspace === 'default' ? origin : `${origin}/@${workspace}`
  // The host name.localhost stands for the vendor already.
  return request.host.endsWith('.localhost') ? `${inWorkspace}/` : `${inWorkspace}/google_play/`
}

interface Resource {
  methods?: Record<string, unknown>
  resources?: Record<string, Resource>
}

/** Returns the document in the form of Google's Discovery Service, made from the routes. */
function discoveryDocument(methods: readonly ApiRoute[], rootUrl: string): Record<string, unknown> {
  const top: Resource = {}
  const schemas: Record<string, unknown> = {}
  for (const route of methods) {
    const names = route.id.split('.')
    let resource = top
    for (const name of names.slice(0, -1)) resource = (resource.resources ??= {})[name] ??= {}
    ;(resource.methods ??= {})[names.at(-1)!] = methodOf(route)
    if (route.requestName !== undefined) schemas[route.requestName] = named(route.requestName, route.request?.json)
    if (route.responseName !== undefined) schemas[route.responseName] = named(route.responseName, route.responses?.[200]?.schema)
  }
  return {
    kind: 'discovery#restDescription',
    discoveryVersion: 'v1',
    id: `androidpublisher:${version}`,
    name: 'androidpublisher',
    canonicalName: 'Android Publisher',
    version,
    title: 'Google Play Android Developer API',
    description:
      'Lets Android application developers access their Google Play accounts. This document is of a sandbox and has what it models.',
    documentationLink: 'https://developers.google.com/android-publisher',
    ownerDomain: 'google.com',
    ownerName: 'Google',
    protocol: 'rest',
    rootUrl,
    baseUrl: rootUrl,
    basePath: '',
    servicePath: '',
    auth: { oauth2: { scopes: { [publisherScope]: { description: 'View and manage your Google Play Developer account' } } } },
    parameters: {
      access_token: { type: 'string', location: 'query', description: 'OAuth access token.' },
      alt: {
        type: 'string',
        location: 'query',
        default: 'json',
        enum: ['json'],
        enumDescriptions: ['Responses with Content-Type of application/json'],
      },
      fields: { type: 'string', location: 'query', description: 'Selector specifying which fields to include in a partial response.' },
      key: { type: 'string', location: 'query', description: 'API key, which this API does not accept in place of a token.' },
      oauth_token: { type: 'string', location: 'query', description: 'OAuth 2.0 token for the current user.' },
      prettyPrint: { type: 'boolean', location: 'query', description: 'Returns response with indentations and line breaks.' },
    },
    schemas,
    resources: top.resources,
  }
}

function methodOf({ id, method, path, summary, request, isDeprecated, requestName, responseName }: ApiRoute): Record<string, unknown> {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  const inQuery = request?.query ? Object.entries(fieldsOf(request.query)) : []
  const flatPath = path.slice(1)
  return {
    id: `androidpublisher.${id}`,
    httpMethod: method,
    path: flatPath,
    flatPath,
    description: `${summary}.`,
    ...(isDeprecated && { deprecated: true }),
    parameterOrder: inPath,
    parameters: {
      ...Object.fromEntries(inPath.map((name) => [name, { type: 'string', location: 'path', required: true }])),
      ...Object.fromEntries(inQuery.map(([name, field]) => [name, queryParameter(field)])),
    },
    ...(requestName !== undefined && { request: { $ref: requestName } }),
    ...(responseName !== undefined && { response: { $ref: responseName } }),
    scopes: [publisherScope],
  }
}

/** JSON Schema as zod writes it, as far as the shapes of the API use it. */
interface JsonSchema {
  type?: string
  const?: unknown
  description?: string
  enum?: readonly string[]
  items?: JsonSchema
  properties?: Readonly<Record<string, JsonSchema>>
}

function fieldsOf(shape: z.ZodType): Readonly<Record<string, JsonSchema>> {
  return schemaOf(shape).properties ?? {}
}

function schemaOf(shape: z.ZodType): JsonSchema {
  return z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }) as JsonSchema
}

function queryParameter(field: JsonSchema): Record<string, unknown> {
  if (field.type !== 'array') return { ...plain(field), location: 'query' }
  const { description } = field
  return { ...plain(field.items ?? {}), ...(description !== undefined && { description }), location: 'query', repeated: true }
}

function named(id: string, shape: z.ZodType | undefined): Record<string, unknown> {
  return { id, ...plain(shape ? schemaOf(shape) : { type: 'object' }) }
}

/** Returns a schema in the dialect of discovery documents, which is an early draft of JSON Schema. */
function plain({ type = 'any', description, enum: values, items, properties }: JsonSchema): Record<string, unknown> {
  return {
    type,
    ...(description !== undefined && { description }),
    ...(type === 'integer' && { format: 'int32' }),
    ...(values && { enum: values }),
    ...(items && { items: plain(items) }),
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, plain(field)])) }),
  }
}
