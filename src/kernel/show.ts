/** A value as it stands in a sentence: its JSON, cut with an ellipsis after `longest` characters, or 'absent' for undefined. */
export function show(value: unknown, longest = 80): string {
  if (value === undefined) return 'absent'
  return brief(JSON.stringify(value), longest)
}

/** A string cut with an ellipsis after `longest` characters. */
export function brief(text: string, longest = 80): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
