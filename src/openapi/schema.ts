import { z } from 'zod'

/** JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = { [keyword: string]: unknown }

/** Named schemas of one document. */
export type Components = Record<string, JsonSchema>

/** A shape as JSON Schema: `input` as it is sent, `output` as it is after defaults were filled in. */
export function schemaOf(shape: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' })
  return schema
}

/**
 * The same for a place inside a document: what refers to itself or is shared moves into the document's components under `name`, as
 * references count from the root of a document.
 */
export function componentSchema(
  shape: z.ZodType,
  io: 'input' | 'output',
  { components, name }: { components: Components; name: string },
): JsonSchema {
  const { $defs, ...schema } = schemaOf(shape, io)
  const isShared = $defs !== undefined || refersTo(schema, '#')
  if (!isShared) return schema
  const rename = (reference: string) =>
    reference === '#' ? `#/components/schemas/${name}` : reference.replace(/^#\/\$defs\//, `#/components/schemas/${name}.`)
  for (const [inner, definition] of Object.entries(($defs ?? {}) as Components)) {
    components[`${name}.${inner}`] = renamed(definition, rename) as JsonSchema
  }
  components[name] = renamed(schema, rename) as JsonSchema
  return { $ref: `#/components/schemas/${name}` }
}

function refersTo(value: unknown, reference: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => (key === '$ref' && inner === reference) || refersTo(inner, reference))
}

function renamed(value: unknown, rename: (reference: string) => string): unknown {
  if (Array.isArray(value)) return value.map((inner) => renamed(inner, rename))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([key, inner]) => [
    key,
    key === '$ref' && typeof inner === 'string' ? rename(inner) : renamed(inner, rename),
  ])
  return Object.fromEntries(members) as unknown
}
