import { z } from 'zod'
import { nameOfKind } from '../../kernel/body.js'
import { gotValue } from '../../kernel/expected-member.js'
import { isJsonObject } from '../../kernel/json/as-sent.js'
import type { JsonObject } from '../../kernel/table.js'
import { show } from '../../kernel/show.js'
import type { InvalidField } from './invalid-field.js'

/** One parameter of an upload. The check, the words of its refusal and the documented schema all come from this value. */
export interface Parameter<Schema extends z.ZodType = z.ZodType> {
  schema: Schema
  /** Mbaasy's words for a value that the schema does not take. */
  refusal: string
  /** The accepted values, for the explanation. */
  takes: string
  /** A narrower description of accepted values than `takes`, for the expected members. */
  example?: string
  description?: string
  mandatory?: true
  /** Null clears what is stored. Without this, null and an empty string count as absent. */
  clears?: true
  /** A narrower form than the type, with a separate refusal. */
  form?: { fits(value: string): boolean; refusal: string; takes: string }
  /** Names under which other services and libraries send the same value. */
  aliases?: readonly string[]
}

/** A parameter table: the parameters of one body by name, in the order in which they are checked. */
export type ParameterTable = Readonly<Record<string, Parameter>>

/** The values of a body that passed its parameter table. */
export type Values<P extends ParameterTable> = { [Name in keyof P]?: z.infer<P[Name]['schema']> | null }

/** The type of a parameter that is a string. */
export const string = { schema: z.string(), refusal: 'must be a string', takes: 'a string' } satisfies Parameter

/** The type of a parameter that is a JSON object. */
export const object = {
  schema: z.record(z.string(), z.unknown()),
  refusal: 'must be an object',
  takes: 'a JSON object',
} satisfies Parameter

/** Reads a body by its parameter table and adds an error for each value that is missing or not accepted. Other members are ignored. */
export function readParameters<P extends ParameterTable>(body: JsonObject, table: P, invalidFields: InvalidField[]): Values<P> {
  const values: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(table)) {
    const value = body[name]
    const isBlank = value === undefined || value === null || value === ''
    if (parameter.mandatory && isBlank) invalidFields.push(blank(name, parameter, body))
    else if (value === undefined || (isBlank && !parameter.clears)) continue
    else if (value === null) values[name] = null
    else {
      const error = errorOf(name, parameter, value)
      if (error) invalidFields.push(error)
      else values[name] = value
    }
  }
  // Each value passed the schema of its parameter.
  return values as Values<P>
}

/** Returns the documented schema of a body with these parameters. */
export function schemaOf(table: ParameterTable): z.ZodObject {
  return z.looseObject(
    Object.fromEntries(
      Object.entries(table).map(([name, { schema, mandatory, description }]) => {
        const member = mandatory ? schema : schema.nullish()
        return [name, description === undefined ? member : member.describe(description)]
      }),
    ),
  )
}

/** True for a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return isJsonObject(value)
}

function blank(name: string, { aliases, takes, example = takes }: Parameter, body: JsonObject): InvalidField {
  const value = body[name]
  const alias = aliases?.find((other) => body[other] !== undefined)
  const hint = alias === undefined ? '' : ` The body has ${alias}, which Mbaasy ignores: send that value as ${name}.`
  return {
    field: name,
    text: "can't be blank",
    seen: `${name} is ${value === '' ? 'empty' : nameOfKind(value)}; it is mandatory.${hint}`,
    got: value,
    expected: alias === undefined ? example : gotValue(body[alias]),
  }
}

function errorOf(field: string, { schema, refusal, takes, example, clears, form }: Parameter, value: unknown): InvalidField | undefined {
  const orNull = clears ? ', or null to store none' : ''
  if (!schema.safeParse(value).success)
    return {
      field,
      text: refusal,
      seen: `${field} is ${shown(value)}; it takes ${takes}${orNull}.`,
      got: value,
      expected: example ?? takes + orNull,
    }
  if (!form || typeof value !== 'string' || form.fits(value)) return undefined
  return {
    field,
    text: form.refusal,
    seen: `${field} is ${shown(value)}; it takes ${form.takes}${orNull}.`,
    got: value,
    expected: form.takes + orNull,
  }
}

function shown(value: unknown): string {
  return Array.isArray(value) || isObject(value) ? nameOfKind(value) : show(value)
}
