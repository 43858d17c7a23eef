import { writeAsSent } from './json/as-sent.js'

/**
 * A value as it stands in a sentence: its JSON, cut with an ellipsis after 80 characters, or 'absent' for undefined. A number that was
 * parsed with parseAsSent has the digits that were sent. There is no second parameter, because `list.map(show)` would pass the index as one.
 */
export function show(value: unknown): string {
  if (value === undefined) return 'absent'
  return brief(writeAsSent(value))
}

/** A string cut with an ellipsis after `longest` characters. */
export function brief(text: string, longest = 80): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

/** A message as a whole sentence, with one full stop: those of Node have none. */
export function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}

/** A reason as the beginning of a sentence. */
export function capitalized(reason: string): string {
  return reason.charAt(0).toUpperCase() + reason.slice(1)
}
