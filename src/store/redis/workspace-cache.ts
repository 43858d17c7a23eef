import type { JsonObject } from '../../kernel/table.js'
import type { Settings } from '../store.js'
import { settingsTables } from '../store.js'
import type { BaseRows, Known } from './base-rows.js'
import { Moved } from './failures.js'
import type { Keyspace } from './keys.js'
import type { Head, Reader } from './reader.js'
import type { Seeds } from './seeds.js'

/** Cache of the generation and the settings of each workspace. A commit detects a stale generation. */
export class WorkspaceCache {
  readonly #parts: { reader: Reader; base: BaseRows; seeds: Seeds; keys: Keyspace }
  readonly #known = new Map<string, Known>()
  readonly #settings = new Map<string, { version: string; settings: Settings }>()

  constructor(parts: { reader: Reader; base: BaseRows; seeds: Seeds; keys: Keyspace }) {
    this.#parts = parts
  }

  /** A workspace as it was last read, or as it is now if it was not read yet. */
  async known(workspace: string): Promise<Known> {
    return this.#known.get(workspace) ?? this.#see(workspace, await this.#parts.reader.head(workspace))
  }

  headOf(workspace: string): string {
    return this.#parts.keys.head(workspace)
  }

  /** Keeps a workspace that this process made or replaced. */
  note(known: Known): void {
    this.#known.set(known.workspace, known)
  }

  /** Drops a workspace that changed. */
  forget(workspace: string): void {
    this.#known.delete(workspace)
  }

  /** Current settings: one query if they are cached, and the same object until one of them changes. */
  async settings(workspace: string): Promise<Settings> {
    const head = await this.#parts.reader.head(workspace)
    const version = head ? `${head.generation} ${head.settings}` : ''
    const cached = this.#settings.get(workspace)
    if (cached?.version === version) return cached.settings
    const settings = await this.#load(workspace, head)
    if (settings) {
      this.#settings.set(workspace, { version, settings })
      return settings
    }
    return this.settings(workspace)
  }

  /** Reads the settings; `undefined` if they changed meanwhile. */
  async #load(workspace: string, head: Head | undefined): Promise<Settings | undefined> {
    const known = await this.#see(workspace, head)
    try {
      const read = settingsTables.map(async (table) => {
        const { rows } = await this.#parts.base.page(known, table, {})
        return [table, new Map(rows.map(({ key, base }) => [key, base.row()]))] as const
      })
      const settings = new Map<string, ReadonlyMap<string, JsonObject>>(await Promise.all(read))
      const after = await this.#parts.reader.head(workspace)
      return after?.generation === head?.generation && after?.settings === head?.settings ? settings : undefined
    } catch (error) {
      if (error instanceof Moved) return undefined
      throw error
    }
  }

  async #see(workspace: string, head: Head | undefined): Promise<Known> {
    const { seeds, keys } = this.#parts
    const seed = head ? await seeds.find(head.seed) : seeds.startOf(workspace)
    const known = { workspace, head: keys.head(workspace), generation: head?.generation ?? '', seed }
    if (head) this.#known.set(workspace, known)
    else this.#known.delete(workspace)
    return known
  }
}
