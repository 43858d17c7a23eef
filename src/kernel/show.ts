/** A value as it stands in a sentence: its JSON, cut with an ellipsis after `longest` characters, or 'absent' for undefined. */
export function show(value: unknown, longest = 80): string {
  if (value === undefined) return 'absent'
  const json = JSON.stringify(value)
  return json.length > longest ? `${json.slice(0, longest)}…` : json
}
