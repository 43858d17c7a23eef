/** A field of a request that is not accepted. */
export interface InvalidField {
  /** Name of the field; `base` for an error of the whole request. */
  field: string
  /** Mbaasy's words for the error. */
  text: string
  /** Sentence with the refused value, for the explanation. */
  seen: string
  /** The refused value. */
  got: unknown
  /** An accepted value, or a description of such values. */
  expected: unknown
  /** JSON pointer into the traffic entry. Default: the field in the body. */
  pointer?: string
}

/** Returns the words of invalid fields by field, as they are sent. */
export function textsByField(fields: readonly InvalidField[]): Record<string, string[]> {
  const texts: Record<string, string[]> = {}
  for (const { field, text } of fields) (texts[field] ??= []).push(text)
  return texts
}
