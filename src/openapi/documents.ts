import type { Vendor } from '../contract.js'
import type { DescribedCall } from './described-call.js'
import { controlOperation, controlPath, routeOperation, type Operation } from './operations.js'
import type { Components, JsonSchema } from './schema.js'

/** An OpenAPI 3.1 document. */
export interface ApiDocument {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  servers: { url: string; description: string }[]
  tags: { name: string; description?: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Components; securitySchemes?: Record<string, JsonSchema> }
}

/** The documents of one sandbox; each is made when it is first asked for. */
export interface ApiDocuments {
  /** Every vendor under its prefix, and the control API. */
  merged(): ApiDocument
  /** One vendor as its own clients know it, undefined when there is no such vendor. */
  vendor(id: string): ApiDocument | undefined
}

/** Makes the documents from what routes and control calls say of themselves. */
export function apiDocuments(parts: { vendors: readonly Vendor[]; calls: readonly DescribedCall[]; version: string }): ApiDocuments {
  const kept = new Map<string, ApiDocument>()
  const once = (name: string, make: () => ApiDocument) => {
    const known = kept.get(name) ?? make()
    kept.set(name, known)
    return known
  }
  return {
    merged: () => once('', () => mergedDocument(parts)),
    vendor(id) {
      const vendor = parts.vendors.find((candidate) => candidate.id === id)
      return vendor && once(id, () => vendorDocument(vendor, parts.version))
    },
  }
}

function vendorDocument(vendor: Vendor, version: string): ApiDocument {
  const schemas: Components = {}
  return {
    openapi: '3.1.0',
    info: { title: `${vendor.title}, as modelled by coinslot`, version, description: description(vendor) },
    servers: [
      { url: `/${vendor.id}`, description: 'This sandbox' },
      ...vendor.baseUrls.map((url) => ({
        url,
        description: 'The real service’s name; the sandbox answers to it where hosts lines point it there',
      })),
    ],
    tags: [{ name: vendor.id, description: vendor.title }],
    paths: pathsOf(vendor, '', schemas),
    components: { schemas },
  }
}

function mergedDocument({ vendors, calls, version }: Parameters<typeof apiDocuments>[0]): ApiDocument {
  const schemas: Components = { Problem: problem }
  const paths: ApiDocument['paths'] = {}
  for (const vendor of vendors) Object.assign(paths, pathsOf(vendor, `/${vendor.id}`, schemas))
  for (const call of calls) {
    const path = `/_sandbox${controlPath(call)}`
    paths[path] = { ...paths[path], [call.method.toLowerCase()]: controlOperation(call, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'coinslot',
      version,
      description: 'Purchase APIs as modelled by coinslot, each under its prefix, and the control API of the sandbox.',
    },
    servers: [{ url: '/', description: 'This sandbox' }],
    tags: [
      ...vendors.map((vendor) => ({ name: vendor.id, description: vendor.title })),
      ...[...new Set(calls.map(({ tag }) => tag))].map((name) => ({ name })),
    ],
    paths,
    components: {
      schemas,
      securitySchemes: { controlToken: { type: 'http', scheme: 'bearer', description: 'Only where --control-token is set' } },
    },
  }
}

function pathsOf(vendor: Vendor, prefix: string, schemas: Components): ApiDocument['paths'] {
  const paths: ApiDocument['paths'] = {}
  for (const route of vendor.routes) {
    const path = `${prefix}${route.path}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: routeOperation(vendor, route, schemas) }
  }
  return paths
}

function description({ hosts, ports }: Vendor): string {
  const where = ports.length > 0 ? ` on port ${ports.join(', ')}` : ''
  return `A sandbox, not the vendor. Reached by prefix, or by ${hosts.join(', ')}${where}. Each operation says in x-evidence why it is believed to behave so.`
}

const problem: JsonSchema = {
  type: 'object',
  description: 'The sandbox speaking for itself (RFC 9457)',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string', description: 'JSON pointer' }, message: { type: 'string' } },
      },
    },
  },
}
