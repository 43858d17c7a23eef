/**
 * Cache of rows, so that reading configuration costs no round trip. A row is used once it was found unchanged. A commit checks it like
 * any other, so that a stale one costs a second attempt and never gives a wrong result.
 */
export class RowCache {
  readonly #rows = new Map<string, { raw: string | undefined; isTrusted: boolean }>()

  /** A row that was read twice without a change; `raw` is undefined for an unchanged row of the seed. */
  trusted(id: string): { raw: string | undefined } | undefined {
    const known = this.#rows.get(id)
    return known?.isTrusted ? known : undefined
  }

  /** Keeps a row that was read. */
  note(id: string, raw: string | undefined): void {
    const isTrusted = this.#rows.has(id) && this.#rows.get(id)?.raw === raw
    this.#rows.delete(id)
    if (raw !== undefined && raw.length > longestText) return
    this.#rows.set(id, { raw, isTrusted })
    if (this.#rows.size <= mostRows) return
    // The first one is the oldest.
    for (const oldest of this.#rows.keys()) return void this.#rows.delete(oldest)
  }

  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#rows.delete(id)
  }
}

const mostRows = 10_000
const longestText = 16_384
