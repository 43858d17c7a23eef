import { parseDecimal, truncated } from './decimal.js'
import { lacking, mistyped, type Refusal } from './decision.js'

/** The types that Kakao's pages name. */
export type ParameterType = 'String' | 'Long' | 'BigDecimal' | 'Boolean' | 'Map' | 'List'

/** One row of a parameter table. */
export interface Parameter {
  name: string
  type: ParameterType
  mandatory?: true
}

/**
 * Checks a body against a parameter table: first that nothing mandatory lacks, then types, each in the table's order; the first
 * fault is the one reported. `within` names the object that holds the parameters, for nested ones.
 */
export function checkParameters(
  body: Readonly<Record<string, unknown>>,
  parameters: readonly Parameter[],
  literals: ReadonlyMap<string, string> = none,
  within = '',
): Refusal | undefined {
  for (const { name, type, mandatory } of parameters) {
    if (mandatory && isAbsent(body[name])) return lacking(within + name, body[name], taken[type])
  }
  for (const { name, type } of parameters) {
    const value = body[name]
    const literal = literals.get(name)
    if (!isAbsent(value) && !isOf(type, value, literal)) return mistyped(within + name, value, taken[type], literal)
  }
  return undefined
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
  switch (type) {
    case 'String':
      return typeof value === 'string'
    case 'Long':
      return longOf(value, literal) !== undefined
    case 'BigDecimal':
      return decimalOf(value, literal) !== undefined
    case 'Boolean':
      return typeof value === 'boolean'
    case 'Map':
      return isMap(value)
    case 'List':
      return Array.isArray(value)
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function truncateText(text: string): bigint | undefined {
  const decimal = parseDecimal(text)
  return decimal && truncated(decimal)
}

const taken: Readonly<Record<ParameterType, string>> = {
  String: 'a text',
  Long: 'a whole number within 64 bits, or one as text',
  BigDecimal: 'a number, or a decimal number as text',
  Boolean: 'true or false',
  Map: 'an object',
  List: 'an array',
}

const none: ReadonlyMap<string, string> = new Map()
