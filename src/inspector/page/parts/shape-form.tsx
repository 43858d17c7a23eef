import type { Refusal } from '../control.js'
import type { Shape } from '../openapi.js'
import { ChoiceField, TextField } from './fields.js'

/** Entered values by member; an empty string leaves the member out. */
export type Draft = Readonly<Record<string, string>>

/** A draft read back as an object, or what is wrong with single members before anything is sent. */
export type ReadDraft = { ok: true; value: Record<string, unknown> } | { ok: false; faults: Record<string, string> }

interface ShapeFormProps {
  shape: Shape
  draft: Draft
  onDraft: (draft: Draft) => void
  refusal: Refusal | undefined
  faults: Readonly<Record<string, string>>
}

/** Fields for the members of any object, made from its JSON Schema. */
export function ShapeFields({ shape, draft, onDraft, refusal, faults }: ShapeFormProps) {
  return (
    <>
      {memberNames(shape, draft).map((name) => {
        const member = shape.properties?.[name] ?? {}
        const isRequired = shape.required?.includes(name) ?? false
        const common = {
          label: isRequired ? name : `${name} (optional)`,
          name,
          value: draft[name] ?? '',
          onValue: (value: string) => onDraft({ ...draft, [name]: value }),
          refusal,
          fault: faults[name],
          hint: hintOf(member),
        }
        const choices = choicesOf(member)
        if (choices)
          return (
            <ChoiceField key={name} {...common} choices={[['', '–'], ...choices.map((one) => [one, choiceWords[one] ?? one] as const)]} />
          )
        const isLong = isStructured(member) || common.value.length > 80
        return isLong ? <TextField key={name} {...common} rows={linesOf(common.value)} /> : <TextField key={name} {...common} />
      })}
    </>
  )
}

/** The members to show: those of the shape, and those that are there all the same. */
export function memberNames(shape: Shape, draft: Draft): string[] {
  return [...new Set([...Object.keys(shape.properties ?? {}), ...Object.keys(draft)])]
}

/** An object as it can be typed over. */
export function draftOf(value: Readonly<Record<string, unknown>>, shape: Shape): Draft {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isText = typeof member === 'string' && !isStructured(shape.properties?.[name] ?? {})
      return [name, isText ? member : JSON.stringify(member, null, typeof member === 'object' ? 2 : undefined)]
    }),
  )
}

/** Converts entered values to the shape's types; a string that is not a number is sent as it is, so that the sandbox explains the error. */
export function readDraft(draft: Draft, shape: Shape): ReadDraft {
  const value: Record<string, unknown> = {}
  const faults: Record<string, string> = {}
  for (const [name, text] of Object.entries(draft)) {
    if (text === '') continue
    const member = shape.properties?.[name] ?? {}
    const types = typesOf(member)
    if (text === 'null' && types.includes('null')) value[name] = null
    else if (types.includes('string') || member.enum?.includes(text)) value[name] = text
    else if (types.some((type) => type === 'number' || type === 'integer')) value[name] = Number.isNaN(Number(text)) ? text : Number(text)
    else {
      try {
        value[name] = JSON.parse(text) as unknown
      } catch (error) {
        faults[name] = `is not JSON: ${(error as Error).message}`
      }
    }
  }
  return Object.keys(faults).length > 0 ? { ok: false, faults } : { ok: true, value }
}

/** Ways to tamper with a receipt, in words. */
const choiceWords: Readonly<Record<string, string>> = {
  signature: 'signature: its bytes are changed',
  data: 'data: changed after signing',
  key: 'key: signed by another key',
}

function typesOf(shape: Shape): string[] {
  return [...[shape.type ?? []].flat(), ...(shape.anyOf ?? []).flatMap(typesOf)]
}

function isStructured(shape: Shape): boolean {
  const types = typesOf(shape)
  return !types.includes('string') && !shape.enum && !types.some((type) => type === 'number' || type === 'integer' || type === 'boolean')
}

function choicesOf(shape: Shape): string[] | undefined {
  if (shape.enum?.every((one) => typeof one === 'string')) return shape.enum
  const types = typesOf(shape).filter((type) => type !== 'null')
  return types.length === 1 && types[0] === 'boolean' ? ['true', 'false'] : undefined
}

function hintOf(shape: Shape): string | undefined {
  const words = [
    shape.description,
    shape.format === 'date-time' ? 'ISO 8601, UTC: 2026-01-31T12:00:00.000Z' : undefined,
    isStructured(shape) ? 'JSON' : undefined,
  ].filter(Boolean)
  return words.length > 0 ? words.join('. ') : undefined
}

function linesOf(text: string): number {
  return Math.min(12, Math.max(2, text.split('\n').length, Math.ceil(text.length / 80)))
}
