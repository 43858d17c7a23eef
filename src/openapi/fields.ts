import { z } from 'zod'

/** One field of a body, query or row, as a page lists it. */
export interface Field {
  /** With dots into objects and `[]` for the items of lists: `common.locale`. */
  name: string
  type: string
  isRequired: boolean
  meaning: string
}

/** The part of JSON Schema that shapes come out as. */
interface Schema {
  type?: string | string[]
  description?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  pattern?: string
  format?: string
}

/** Lists the fields of a shape, objects within it opened; deeper than three levels is only named. */
export function fieldsOf(shape: z.ZodType, io: 'input' | 'output' = 'input'): Field[] {
  // Zod returns JSON Schema, of which only the members above are read.
  return membersOf(z.toJSONSchema(shape, { io, unrepresentable: 'any' }) as Schema, '', true, 0)
}

function membersOf(schema: Schema, prefix: string, isCertain: boolean, depth: number): Field[] {
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const isRequired = isCertain && (schema.required?.includes(name) ?? false)
    const field = { name: prefix + name, type: typeOf(member), isRequired, meaning: meaningOf(member) }
    return [field, ...inside(member, prefix + name, isRequired, depth + 1)]
  })
  return [...members, ...alternatives(schema).flatMap((one) => membersOf(one, prefix, false, depth))]
}

function inside(schema: Schema, name: string, isCertain: boolean, depth: number): Field[] {
  if (depth > 2) return []
  return [schema, ...alternatives(schema)].flatMap((one) => [
    ...(one.properties ? membersOf({ ...one, anyOf: [] }, `${name}.`, isCertain, depth) : []),
    ...(one.items ? inside(one.items, `${name}[]`, isCertain, depth) : []),
  ])
}

function alternatives({ anyOf = [], oneOf = [], allOf = [] }: Schema): Schema[] {
  return [...anyOf, ...oneOf, ...allOf]
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(', ')
  const many = [schema.anyOf, schema.oneOf].flatMap((list) => list ?? []).map(typeOf)
  if (many.length > 0 && schema.type === undefined) return [...new Set(many)].join(' or ')
  if (schema.type === 'array') return schema.items ? `list of ${typeOf(schema.items)}` : 'list'
  const words = [schema.type ?? 'anything'].flat()
  return words.join(' or ')
}

function meaningOf({ description, format, pattern }: Schema): string {
  // A format comes with a pattern that repeats it at length.
  const form = format ?? (pattern === undefined ? '' : `matches ${pattern}`)
  return [description, form].filter((part) => part !== undefined && part !== '' && part !== 'regex').join('; ')
}
