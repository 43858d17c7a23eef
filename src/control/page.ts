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
    const text = JSON.stringify(value)
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
