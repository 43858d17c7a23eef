import type { z } from 'zod'

/**
 * One kind of stored state: the shape of a row and the fields that make its key. The same declaration is the TypeScript
 * type, the seed check, the snapshot check, the inspector's columns and the JSON Schema.
 */
export interface Table<Schema extends z.ZodObject = z.ZodObject> {
  schema: Schema
  key: readonly string[]
  indexes: Readonly<Record<string, RowIndex>>
  /** Declared by tables whose rows are purchases or reports of them. */
  purchase?: ((row: JsonObject) => PurchaseSummary) | undefined
}

/** Summary of a row about a purchase, in the same terms for every vendor. Absent members: the row does not say. */
export interface PurchaseSummary {
  player?: string | null | undefined
  product?: string | null | undefined
  /** Order ids, transaction ids and tokens by which the purchase is known elsewhere. The first is shown as its order. */
  ids: readonly (string | null | undefined)[]
  /** With its currency, as people write it: `4.99 USD`. */
  amount?: string | undefined
  state?: string | undefined
  /** ISO 8601, or Unix milliseconds. */
  at?: string | number | null | undefined
}

/** Index value of a row, or several; `undefined` leaves the row out of the index. */
export type RowIndex = (row: JsonObject) => string | readonly string[] | undefined

/** A row as stores keep it and as it goes to disk. */
export type JsonObject = { [member: string]: unknown }

/** The row type that a table's schema describes. */
export type RowOf<T extends Table> = z.infer<T['schema']>

/** The tables of one vendor, by their name without the vendor. */
export type Tables = Readonly<Record<string, Table>>

/**
 * Declares a table. `purchase` summarises a row for the Purchases view and the story of a purchase. The functions get valid rows only.
 *
 * @example table(z.strictObject({ gameId: z.string(), userId: z.string() }), ['gameId', 'userId'])
 */
export function table<Schema extends z.ZodObject>(
  schema: Schema,
  key: readonly (keyof z.infer<Schema> & string)[],
  indexes: Readonly<Record<string, (row: z.infer<Schema>) => string | readonly string[] | undefined>> = {},
  purchase?: (row: z.infer<Schema>) => PurchaseSummary,
): Table<Schema> {
  // The schema has accepted a row before a function gets it, so the narrower parameter type holds.
  return { schema, key, indexes: indexes as Table['indexes'], purchase: purchase as Table['purchase'] }
}

/** The key of a row: the values of its key fields, each percent-encoded, joined with a colon. */
export function keyOf(of: Table, row: JsonObject): string {
  let key = encodePart(String(row[of.key[0]!]))
  for (let at = 1; at < of.key.length; at += 1) key += `:${encodePart(String(row[of.key[at]!]))}`
  return key
}

/** The key that these values make, in the order of the table's key fields. */
export function keyFrom(values: readonly string[]): string {
  let key = encodePart(values[0] ?? '')
  for (let at = 1; at < values.length; at += 1) key += `:${encodePart(values[at]!)}`
  return key
}

/** The same key however its parts were percent-encoded, or `undefined` when the encoding is broken. */
export function canonicalKey(key: string): string | undefined {
  try {
    return keyFrom(key.split(':').map(decodeURIComponent))
  } catch {
    return undefined
  }
}

const plain = /^[\w.~!*'()-]*$/
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

function encodePart(value: string): string {
  if (plain.test(value)) return value
  // encodeURIComponent refuses a lone surrogate, which JSON may carry; "%uD800" can come from no other text, as "%" becomes "%25".
  if (value.isWellFormed()) return encodeURIComponent(value)
  let encoded = ''
  let from = 0
  for (const match of value.matchAll(loneSurrogate)) {
    encoded += `${encodeURIComponent(value.slice(from, match.index))}%u${match[0].charCodeAt(0).toString(16).toUpperCase()}`
    from = match.index + 1
  }
  return encoded + encodeURIComponent(value.slice(from))
}
