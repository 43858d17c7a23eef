/** An answer as it goes out. Header names are spelled as the vendor spells them. */
export interface Reply {
  status: number
  headers: Readonly<Record<string, string | readonly string[]>>
  body: string | Uint8Array
}

/** A compact JSON answer. The media type is a parameter because vendors spell it differently. */
export function json(status: number, value: unknown, mediaType = 'application/json', headers: Reply['headers'] = {}): Reply {
  return { status, headers: { 'Content-Type': mediaType, ...headers }, body: JSON.stringify(value) }
}
