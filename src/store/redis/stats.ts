import type { Seed } from '../rows/seed.js'
import { registryWorkspace, type StoreStats } from '../store.js'
import { performance } from '../../kernel/timers.js'

/** Sizes of all workspaces as this process knows them. Commits return them, and a refresh reads all of them. */
export class SizeStats {
  /** Reason of the last failure, while the connection is down. */
  failing: string | undefined
  readonly #sizes = new Map<string, { rows: number; bytes: number }>()
  readonly #refresh: () => Promise<void>
  #refreshedAt = performance.now()

  constructor(refresh: () => Promise<void>) {
    this.#refresh = refresh
  }

  /** Keeps the size of a workspace; `rows` are those beyond its seed. */
  note(workspace: string, seed: Seed, { rows, bytes }: { rows: number; bytes: number }): void {
    if (workspace !== registryWorkspace) this.#sizes.set(workspace, { rows: seed.rows + rows, bytes })
  }

  forget(workspace: string): void {
    this.#sizes.delete(workspace)
  }

  /** Keeps only these workspaces. */
  keep(workspaces: readonly string[]): void {
    const kept = new Set(workspaces)
    for (const name of this.#sizes.keys()) if (!kept.has(name)) this.#sizes.delete(name)
  }

  stats(): StoreStats {
    const now = performance.now()
    if (now - this.#refreshedAt > refreshEveryMs) {
      this.#refreshedAt = now
      void this.#refresh().catch(() => {})
    }
    let rows = 0
    let bytes = 0
    for (const size of this.#sizes.values()) {
      rows += size.rows
      bytes += size.bytes
    }
    const stats = { workspaces: this.#sizes.size, rows, bytes, journalBytes: 0, journalLines: 0, compactions: 0 }
    return this.failing === undefined ? stats : { ...stats, failing: this.failing }
  }
}

const refreshEveryMs = 5_000
