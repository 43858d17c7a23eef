import { useAsked } from '../../asked.js'
import type { Shape } from '../../openapi.js'

/** The shape of a table's rows, from the schema of seed documents. */
export function useRowShape(vendor: string, table: string): Shape | undefined {
  const { value } = useAsked<Shape>('seed.schema.json')
  return value?.properties?.[vendor]?.properties?.[table]?.items
}

/** Stands for a row that is not there yet; no key can be a lone plus, which is percent-encoded in keys. */
export const newRow = '+'
