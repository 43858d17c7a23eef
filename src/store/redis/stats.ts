import type { Seed } from '../rows/seed.js'
import { registryWorkspace, type StoreStats } from '../store.js'

/** Sizes as far as this process has heard of them; commits bring them along, and now and then all are read anew. */
export class SizeStats {
  /** Why the last command failed, while commands fail. */
  failing: string | undefined
  readonly #sizes = new Map<string, { rows: number; bytes: number }>()
  readonly #refresh: () => Promise<void>
  #refreshedAt = performance.now()

  constructor(refresh: () => Promise<void>) {
    this.#refresh = refresh
  }

  /** Takes in the size of a workspace: rows beyond those of its seed. */
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
