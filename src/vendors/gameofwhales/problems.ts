import type { z } from 'zod'

/** One fault of a request body, in the form of an entry of ajv 6 with `errorDataPath: 'property'`. */
export interface FieldProblem {
  /** The faulty field as a JavaScript path from the body: `.event.price`; empty: the body itself. */
  dataPath: string
  keyword: string
  message: string
}

/** A fault together with what was sent there, for the sentence that a tester reads. */
export interface FoundProblem extends FieldProblem {
  /** Undefined: nothing. */
  value: unknown
}

/** The faults that a schema found in a body, one entry each. */
export function problemsOf(error: z.ZodError, body: unknown): FoundProblem[] {
  const issues = error.issues as readonly Issue[]
  return issues.map((issue) => {
    const value = valueAt(body, issue.path)
    return { dataPath: dataPathOf(issue.path), ...wordsOf(issue, value), value }
  })
}

/** All members that zod's issues may have, as far as they are read here. */
interface Issue {
  code?: string
  path: PropertyKey[]
  message: string
  expected?: string
  origin?: string
  minimum?: number | bigint
  maximum?: number | bigint
  values?: readonly unknown[]
  params?: { keyword?: string }
}

function wordsOf(issue: Issue, value: unknown): { keyword: string; message: string } {
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return { keyword: 'required', message: 'is a required property' }
      return { keyword: 'type', message: `should be ${typeNames[issue.expected ?? ''] ?? issue.expected}` }
    case 'invalid_value':
      if (value === undefined) return { keyword: 'required', message: 'is a required property' }
      return { keyword: 'enum', message: `should be equal to one of the allowed values: ${issue.values?.join(', ')}` }
    case 'too_small':
      if (issue.origin === 'string') return { keyword: 'minLength', message: `should NOT be shorter than ${issue.minimum} characters` }
      return { keyword: 'minimum', message: `should be >= ${issue.minimum}` }
    case 'too_big':
      return { keyword: 'maximum', message: `should be <= ${issue.maximum}` }
    default:
      return { keyword: issue.params?.keyword ?? 'format', message: issue.message }
  }
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<PropertyKey, unknown>)[part]
  }
  return value
}

/** Zod's names where ajv has another word. */
const typeNames: Readonly<Record<string, string>> = { record: 'object', int: 'integer' }

const identifier = /^[a-z$_][\w$]*$/i

function dataPathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => {
      if (typeof part === 'number') return `[${part}]`
      const name = String(part)
      return identifier.test(name) ? `.${name}` : `['${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`
    })
    .join('')
}
