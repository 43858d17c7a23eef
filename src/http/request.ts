import type { Request } from '../kernel/request.js'
import type { Head } from '../kernel/incoming.js'
import type { Location } from './locate.js'

/** A request as a vendor sees it, over what came in; nothing is parsed until somebody asks. */
export class LocatedRequest implements Request {
  readonly method: string
  readonly path: string
  readonly rawQuery: string
  readonly host: string
  readonly address: string
  params: Readonly<Record<string, string>> = noParams
  #query: URLSearchParams | undefined

  constructor(
    readonly head: Head,
    location: Location,
    readonly body: Uint8Array,
  ) {
    this.method = head.method
    this.path = location.path
    this.rawQuery = location.query
    this.host = location.hostName
    this.address = head.address
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
