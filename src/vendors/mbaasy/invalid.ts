/** A fault of a request: which field (`base` for none), what Mbaasy says of it, and a sentence for testers with the value seen. */
export interface FieldFault {
  field: string
  text: string
  seen: string
}

/** Texts by field, as they go out. */
export function textsByField(faults: readonly FieldFault[]): Record<string, string[]> {
  const fields: Record<string, string[]> = {}
  for (const { field, text } of faults) (fields[field] ??= []).push(text)
  return fields
}

/** A value as a tester should see it, cut where it is long. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
