import { nameOfKind } from '../../kernel/body.js'

/** A value from a request in a sentence for people: quoted and cut where it is long, named by its kind where it has parts. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'object') return nameOfKind(value)
  return brief(JSON.stringify(value) ?? nameOfKind(value))
}

/** A text cut to a length that a sentence can bear. */
export function brief(text: string, longest = 80): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
