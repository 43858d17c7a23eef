import type { z } from 'zod'
import { memberAt } from '../../kernel/json/as-sent.js'
import { sameWord } from '../../kernel/nearest.js'

/** An error in a request body, in the form of ajv 6 with `errorDataPath: 'property'`. */
export interface FieldProblem {
  /** The invalid field as a JavaScript path from the body: `.event.price`; empty for the body itself. */
  dataPath: string
  keyword: string
  message: string
}

/** An error with the value that was sent, for the explanation. */
export interface FoundProblem extends FieldProblem {
  path: readonly (string | number)[]
  /** Undefined if the field is absent. */
  value: unknown
  /** An accepted value, or a description of such values. */
  accepted: unknown
}

/** Converts the errors that a schema found in a body, one entry each. The body may be parsed with parseAsSent, so that values keep their digits. */
export function problemsOf(error: z.ZodError, body: unknown): FoundProblem[] {
  const issues = error.issues as readonly Issue[]
  return issues.map((issue) => {
    const value = memberAt(body, issue.path)
    return { dataPath: dataPathOf(issue.path), ...wordsOf(issue, value), path: issue.path as (string | number)[], value }
  })
}

/** The members of zod's issues that are read here. */
interface Issue {
  code?: string
  path: PropertyKey[]
  message: string
  expected?: string
  origin?: string
  minimum?: number | bigint
  maximum?: number | bigint
  values?: readonly unknown[]
  params?: { keyword?: string; accepted?: string }
}

function wordsOf(issue: Issue, value: unknown): { keyword: string; message: string; accepted: unknown } {
  switch (issue.code) {
    case 'invalid_type': {
      const type = typeNames[issue.expected ?? ''] ?? issue.expected ?? ''
      const accepted = `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`
      return value === undefined ? { ...required, accepted } : { keyword: 'type', message: `should be ${type}`, accepted }
    }
    case 'invalid_value': {
      const words = (issue.values ?? []).map(String)
      const list = words.join(', ')
      const accepted = sameWord(value, words) ?? `one of ${list}`
      if (value === undefined) return { ...required, accepted }
      return { keyword: 'enum', message: `should be equal to one of the allowed values: ${list}`, accepted }
    }
    case 'too_small': {
      const { minimum } = issue
      if (issue.origin !== 'string')
        return { keyword: 'minimum', message: `should be >= ${minimum}`, accepted: `a number of at least ${minimum}` }
      const accepted = `a string of at least ${minimum} ${Number(minimum) === 1 ? 'character' : 'characters'}`
      return { keyword: 'minLength', message: `should NOT be shorter than ${minimum} characters`, accepted }
    }
    case 'too_big':
      return { keyword: 'maximum', message: `should be <= ${issue.maximum}`, accepted: `a number of at most ${issue.maximum}` }
    default:
      return {
        keyword: issue.params?.keyword ?? 'format',
        message: issue.message,
        accepted: issue.params?.accepted ?? issue.message.replace(/^should be /, ''),
      }
  }
}

const required = { keyword: 'required', message: 'is a required property' }

/** Zod's type names for which ajv has another word. */
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
