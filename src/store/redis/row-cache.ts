/**
 * Rows this process read before, so that configuration costs no round trip. A row is taken from here once it was found unchanged;
 * whoever commits checks it like any other, so a stale one costs a second try and never a wrong answer.
 */
export class RowCache {
  readonly #rows = new Map<string, { raw: string | undefined; isTrusted: boolean }>()

  /** A row that has proved to stay as it is; `raw` is undefined where the seed's own row stands. */
  trusted(id: string): { raw: string | undefined } | undefined {
    const known = this.#rows.get(id)
    return known?.isTrusted ? known : undefined
  }

  /** Takes in what was read. */
  note(id: string, raw: string | undefined): void {
    const isTrusted = this.#rows.has(id) && this.#rows.get(id)?.raw === raw
    this.#rows.delete(id)
    if (raw !== undefined && raw.length > longestText) return
    this.#rows.set(id, { raw, isTrusted })
    if (this.#rows.size <= mostRows) return
    // The first one was noted longest ago.
    for (const oldest of this.#rows.keys()) return void this.#rows.delete(oldest)
  }

  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#rows.delete(id)
  }
}

const mostRows = 10_000
const longestText = 16_384
