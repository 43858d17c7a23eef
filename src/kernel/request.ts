/** One request as a vendor sees it: the sandbox's prefixes are gone, the bytes are as sent. */
export interface Request {
  method: string
  /** Still percent-encoded, without query. */
  path: string
  /** Without the question mark, as sent. */
  rawQuery: string
  /** Parsed on first use. */
  readonly query: URLSearchParams
  /** Path parameters of the matched route, decoded. */
  params: Readonly<Record<string, string>>
  /** One header, by its lower-case name; repeated ones joined with a comma. */
  header(name: string): string | undefined
  /** Host name without port, lower case. */
  host: string
  body: Uint8Array
  /** IP address of the peer. */
  address: string
}
