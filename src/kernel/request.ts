import { splitTarget } from './host.js'
import type { Head } from './incoming.js'

/** One request as a vendor sees it: the sandbox's prefixes are removed, the bytes are as sent. */
export interface Request {
  method: string
  /** Still percent-encoded, without query. */
  path: string
  /** The path of the request line: still percent-encoded, with the prefixes of workspace and vendor that `path` lacks. */
  readonly sentPath: string
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
  /** True if it came over TLS. */
  encrypted: boolean
}

/** A {@link Request} over a received head; the query is parsed on first use. */
export class LocatedRequest implements Request {
  readonly method: string
  readonly path: string
  readonly rawQuery: string
  readonly host: string
  readonly address: string
  readonly encrypted: boolean
  params: Readonly<Record<string, string>> = noParams
  #query: URLSearchParams | undefined

  constructor(
    readonly head: Head,
    location: { path: string; query: string; hostName: string },
    readonly body: Uint8Array,
  ) {
    this.method = head.method
    this.path = location.path
    this.rawQuery = location.query
    this.host = location.hostName
    this.address = head.address
    this.encrypted = head.encrypted
  }

  get sentPath(): string {
    return splitTarget(this.head.target).rest.split('?', 1)[0]!
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.rawQuery)
    return this.#query
  }

  header(name: string): string | undefined {
    const value = this.head.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
}

const noParams: Readonly<Record<string, string>> = Object.freeze({})

/** Returns a part of a path without its percent escapes; as it is if they are broken. */
export function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
