import { writeAsSent } from '../kernel/json/as-sent.js'
import type { KeyedRow, Rows } from '../store/store.js'

/** Bytes of JSON at which a page of a list ends, even if its `limit` is not reached. */
const pageBytes = 8 * 1024 * 1024

/** A page of a list as JSON: at most `limit` values, and none beyond `pageBytes` except the first, so that a client comes to the end. */
export class Page {
  readonly #texts: string[] = []
  #room = pageBytes

  constructor(readonly limit: number) {}

  get length(): number {
    return this.#texts.length
  }

  /** Adds a value. Returns false if the page has no room for it. */
  add(value: unknown): boolean {
    if (this.length === this.limit || this.#room <= 0) return false
    const text = writeAsSent(value)
    this.#room -= Buffer.byteLength(text)
    if (this.#room < 0 && this.length > 0) return false
    this.#texts.push(text)
    return true
  }

  /** Returns the page as a response: the list under its name, then other members. */
  response(name: string, others: object): Response {
    const body = `{${JSON.stringify(name)}:[${this.#texts.join(',')}],${JSON.stringify(others).slice(1)}`
    return new Response(body, { headers: { 'Content-Type': 'application/json' } })
  }
}

/** Options for `readPage`. */
export interface PageOptions {
  limit: number
  /** Key of the row before the page. */
  after: string | undefined
  /** The form in which a row is shown. */
  show?: (row: KeyedRow) => unknown
}

/** Reads a page of a table; `next` is its last key if more rows follow. */
export async function readPage(
  rows: Rows,
  table: string,
  { limit, after, show = (row) => row }: PageOptions,
): Promise<{ page: Page; next: string | null }> {
  const page = new Page(limit)
  let last = after
  for (;;) {
    const atOnce = Math.min(limit - page.length + 1, rowsAtOnce)
    const found = await rows.list(table, { limit: atOnce, ...(last !== undefined && { after: last }) })
    for (const row of found) {
      if (!page.add(show(row))) return { page, next: last! }
      last = row.key
    }
    if (found.length < atOnce) return { page, next: null }
  }
}

/** Rows that are read at once, because a shared store loads them for the page. */
const rowsAtOnce = 100
