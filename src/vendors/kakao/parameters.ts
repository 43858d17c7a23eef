import { z } from 'zod'
import { isJsonObject, NumberAsSent } from '../../kernel/json/as-sent.js'
import { parseDecimal, truncated } from '../../kernel/json/decimal.js'
import { lacking, mistyped, type Refusal } from './decision.js'
import type { Long } from './tables.js'

/** The types that Kakao's pages name. */
export type ParameterType = 'String' | 'Long' | 'BigDecimal' | 'Boolean' | 'Map' | 'List'

/** A row of a parameter table, from which the check and the documents of a body are made. */
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
 * Checks a body against a parameter table: first that no mandatory parameter is missing, then types, each in the table's order. Returns
 * the first refusal. `within` is the path of the object that holds nested parameters.
 */
export function checkParameters(
  body: Readonly<Record<string, unknown>>,
  parameters: readonly Parameter[],
  within = '',
): Refusal | undefined {
  for (const { name, type, mandatory, members } of parameters) {
    if (!mandatory || !isAbsent(body[name])) continue
    const accepted = type === 'String' && body[name] === '' ? 'a string that is not empty' : types[type].accepted
    return lackingMembers(lacking(within + name, body[name], accepted), members)
  }
  for (const { name, type } of parameters) {
    const value = body[name]
    if (!isAbsent(value) && !isOf(type, value)) return mistyped(within + name, value, types[type].accepted)
  }
  return undefined
}

/** For a missing object, expects its mandatory members in place of the object. */
function lackingMembers(refusal: Refusal, members: readonly Parameter[] = []): Refusal {
  const [object] = refusal.expected ?? []
  const mandatory = members.filter((member) => member.mandatory)
  if (!object || mandatory.length === 0) return refusal
  const expected = mandatory.map(({ name, type }) => ({
    pointer: `${object.pointer}/${name}`,
    got: undefined,
    expected: types[type].accepted,
  }))
  return { ...refusal, expected }
}

/** The shape of a body for the documents, made from its parameter table. */
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

/** True for undefined, null and the empty string. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** A checked String; undefined if absent. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A Long of at most 64 bits: the digits of a string, or a number without its fraction; undefined for other values. */
export function longOf(value: unknown): bigint | undefined {
  if (typeof value === 'string' && !/^[+-]?\d+$/.test(value)) return undefined
  const decimal = parseDecimal(digitsOf(value) ?? '')
  return decimal && truncated(decimal)
}

/** A Long in the form of rows. */
export function rowLong(value: bigint): Long {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** The decimal literal of a BigDecimal; undefined for other values. */
export function decimalOf(value: unknown): string | undefined {
  const digits = digitsOf(value)
  return digits !== undefined && parseDecimal(digits) ? digits : undefined
}

/** A checked Map; undefined if absent. */
export function mapOf(value: unknown): Record<string, unknown> | undefined {
  return isJsonObject(value) ? value : undefined
}

function isOf(type: ParameterType, value: unknown): boolean {
  // To the schema every number is alike. Its digits are checked below.
  if (!types[type].schema.safeParse(value instanceof NumberAsSent ? 0 : value).success) return false
  if (type === 'Long') return longOf(value) !== undefined
  return type !== 'BigDecimal' || decimalOf(value) !== undefined
}

/** A number as it was sent, or a string. */
function digitsOf(value: unknown): string | undefined {
  if (value instanceof NumberAsSent) return value.digits
  return typeof value === 'number' || typeof value === 'string' ? String(value) : undefined
}

/** JSON types by Kakao's name, with a description of accepted values. */
const types = {
  String: { schema: z.string(), accepted: 'a string' },
  Long: { schema: z.union([z.number(), z.string()]), accepted: 'a whole number of at most 64 bits, or its digits as a string' },
  BigDecimal: { schema: z.union([z.number(), z.string()]), accepted: 'a number such as 12.23, or a decimal number as a string' },
  Boolean: { schema: z.boolean(), accepted: 'true or false' },
  Map: { schema: z.record(z.string(), z.unknown()), accepted: 'an object' },
  List: { schema: z.array(z.unknown()), accepted: 'an array' },
} as const
