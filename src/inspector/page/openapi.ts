import { useAsked } from './asked.js'
import type { ApiDocument } from '../../openapi/documents.js'
import type { Operation } from '../../openapi/operations.js'

export type { Operation }

/** JSON Schema, as far as forms are made from it. */
export interface Shape {
  type?: string | string[]
  enum?: unknown[]
  format?: string
  description?: string
  properties?: Record<string, Shape>
  required?: string[]
  anyOf?: Shape[]
  items?: Shape
  default?: unknown
}

/** Description of one route in a vendor's document. */
export function useOperation(vendor: string | null, method: string, route: string | null): Operation | undefined {
  const { value } = useAsked<ApiDocument>(vendor === null || route === null ? undefined : `openapi/${vendor}.json`)
  return route === null ? undefined : value?.paths[route]?.[method.toLowerCase()]
}

/** An example of a body: the documented one, or one made from the shape, where every required text is a placeholder. */
export function exampleBody(operation: Operation): { mediaType: string; text: string } | undefined {
  const content = Object.entries(operation.requestBody?.content ?? {})
  const found = content.find(([, { example }]) => example !== undefined) ?? content[0]
  if (!found) return undefined
  const [mediaType, { example, schema }] = found
  const value = example ?? exampleOf(schema ?? {})
  return { mediaType, text: bodyText(mediaType, value) }
}

/** A value that fits a shape as far as its required members go. */
export function exampleOf(shape: Shape): unknown {
  if (shape.default !== undefined) return shape.default
  if (shape.enum) return shape.enum[0]
  const [first] = shape.anyOf ?? []
  if (first) return exampleOf(first)
  const type = [shape.type].flat()[0]
  if (type === 'object') {
    const names = shape.required ?? []
    return Object.fromEntries(names.map((name) => [name, exampleOf(shape.properties?.[name] ?? {})]))
  }
  if (type === 'array') return []
  if (type === 'integer' || type === 'number') return 1
  if (type === 'boolean') return true
  return '…'
}

function bodyText(mediaType: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (mediaType !== 'application/x-www-form-urlencoded' || typeof value !== 'object' || value === null) return JSON.stringify(value)
  return new URLSearchParams(Object.entries(value).map(([name, member]) => [name, String(member)])).toString()
}
