import { z } from 'zod'
import { parseDecimal, truncated } from './decimal.js'
import { lacking, mistyped, type Refusal } from './decision.js'

/** The types that Kakao's pages name. */
export type ParameterType = 'String' | 'Long' | 'BigDecimal' | 'Boolean' | 'Map' | 'List'

/** One row of a parameter table: check and documents of a body come from it. */
export interface Parameter {
  name: string
  type: ParameterType
  mandatory?: true
  /** For the documents. */
  description?: string
  /** The most characters of a String. */
  longest?: number
  /** The members of a Map, or of each entry of a List. */
  members?: readonly Parameter[]
  /** The type of each entry of a List. */
  entries?: 'String'
}

/**
 * Checks a body against a parameter table: first that nothing mandatory is missing, then types, each in the table's order; the first
 * fault is the one reported. `within` names the object that holds the parameters, for nested ones.
 */
export function checkParameters(
  body: Readonly<Record<string, unknown>>,
  parameters: readonly Parameter[],
  literals: ReadonlyMap<string, string> = none,
  within = '',
): Refusal | undefined {
  for (const { name, type, mandatory } of parameters) {
    if (mandatory && isAbsent(body[name])) return lacking(within + name, body[name], types[type].taken)
  }
  for (const { name, type } of parameters) {
    const value = body[name]
    const literal = literals.get(name)
    if (!isAbsent(value) && !isOf(type, value, literal)) return mistyped(within + name, value, types[type].taken, literal)
  }
  return undefined
}

/** The shape of a body for the documents, out of its parameter table. */
export function shapeOf(parameters: readonly Parameter[]): z.ZodObject {
  const shape: Record<string, z.ZodType> = {}
  for (const parameter of parameters) {
    const { name, mandatory, description } = parameter
    const schema = mandatory ? schemaOf(parameter) : schemaOf(parameter).nullish()
    shape[name] = description === undefined ? schema : schema.describe(description)
  }
  return z.looseObject(shape)
}

function schemaOf({ type, members, entries, longest }: Parameter): z.ZodType {
  if (type === 'String' && longest !== undefined) return types.String.schema.max(longest)
  if (type === 'Map' && members) return shapeOf(members)
  if (type === 'List' && members) return z.array(shapeOf(members))
  return entries === undefined ? types[type].schema : z.array(types[entries].schema)
}

/** Null and the empty text count as absent. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** A checked String, undefined when absent. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A Long by its literal where it is a number: integral text is taken, a fraction is cut off, and 64 bits are the limit. */
export function longOf(value: unknown, literal?: string): bigint | undefined {
  if (typeof value === 'string') return /^[+-]?\d+$/.test(value) ? truncateText(value) : undefined
  return typeof value === 'number' ? truncateText(literal ?? String(value)) : undefined
}

/** The decimal literal of a BigDecimal, undefined for what is none. */
export function decimalOf(value: unknown, literal?: string): string | undefined {
  const text = typeof value === 'number' ? (literal ?? String(value)) : value
  return typeof text === 'string' && parseDecimal(text) ? text : undefined
}

/** A checked Map, undefined when absent. */
export function mapOf(value: unknown): Record<string, unknown> | undefined {
  return isMap(value) ? value : undefined
}

function isOf(type: ParameterType, value: unknown, literal: string | undefined): boolean {
  // JSON.parse reads a number beyond the range of a double as Infinity, which zod refuses; its literal decides.
  if (!types[type].schema.safeParse(value === Infinity || value === -Infinity ? 0 : value).success) return false
  if (type === 'Long') return longOf(value, literal) !== undefined
  return type !== 'BigDecimal' || decimalOf(value, literal) !== undefined
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function truncateText(text: string): bigint | undefined {
  const decimal = parseDecimal(text)
  return decimal && truncated(decimal)
}

/** JSON types by Kakao's name, and the words for what is taken. */
const types = {
  String: { schema: z.string(), taken: 'a text' },
  Long: { schema: z.union([z.number(), z.string()]), taken: 'a whole number within 64 bits, or one as text' },
  BigDecimal: { schema: z.union([z.number(), z.string()]), taken: 'a number, or a decimal number as text' },
  Boolean: { schema: z.boolean(), taken: 'true or false' },
  Map: { schema: z.record(z.string(), z.unknown()), taken: 'an object' },
  List: { schema: z.array(z.unknown()), taken: 'an array' },
} as const

const none: ReadonlyMap<string, string> = new Map()
