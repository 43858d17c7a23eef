import type { JsonObject, Table } from '../../kernel/table.js'
import type { Op } from '../journal/line.js'
import type { Overlay } from '../rows/table-rows.js'
import { emptySeed, seedOf, type Seed } from '../rows/seed.js'
import type { KeyedRow } from '../store.js'
import { absentWorkspace, overlayOf, type Workspace } from '../rows/workspace-rows.js'

/** What the files of a data directory say, as it is read: workspaces and the seeds they were made from. */
export class Restored {
  readonly workspaces = new Map<string, Workspace>()
  /** Number of the last journal line it contains. */
  lastLine = 0
  readonly #tables: ReadonlyMap<string, Table>
  readonly #seeds: Map<string, Seed>
  readonly #unsown = new Map<string, Map<string, KeyedRow[]>>()

  /** @param shared seeds that are in memory anyway, so that rows are not kept twice */
  constructor(tables: ReadonlyMap<string, Table>, shared: readonly Seed[]) {
    this.#tables = tables
    this.#seeds = new Map([emptySeed, ...shared].map((seed) => [seed.fingerprint, seed]))
    this.written = new Set([emptySeed.fingerprint])
  }

  /** Fingerprints of seeds that the files hold. */
  readonly written: Set<string>

  /** Every seed the files hold or a workspace was made from. */
  seeds(): Seed[] {
    return [...this.written].flatMap((fingerprint) => this.#seed(fingerprint) ?? [])
  }

  /** Does one operation; false when it refers to something that is not there. */
  apply(workspace: string, op: Op): boolean {
    switch (op.kind) {
      case 'seed':
        this.written.add(op.seed)
        if (!this.#seeds.has(op.seed)) this.#unsown.set(op.seed, new Map())
        return true
      case 'sow':
        return this.#sow(op.seed, op.table, { key: op.key, text: op.text })
      case 'make':
        return this.#make(workspace, op.seed)
      case 'drop':
        return this.workspaces.delete(workspace)
      case 'put':
        this.#overlay(workspace, op.table)?.put(op.key, op.text, undefined)
        return this.workspaces.has(workspace)
      case 'delete':
        return this.#overlay(workspace, op.table)?.delete(op.key) !== undefined
    }
  }

  /** Adds a row of the state file by its text; false when there is no such workspace, or such a row already. */
  append(workspace: string, table: string, key: string, text: string): boolean {
    return this.#overlay(workspace, table)?.append(key, text) ?? false
  }

  #overlay(workspace: string, table: string): Overlay | undefined {
    const found = this.workspaces.get(workspace)
    return found && overlayOf(found, table, this.#tables, true)
  }

  #make(name: string, fingerprint: string): boolean {
    const seed = this.#seed(fingerprint)
    if (!seed) return false
    const workspace = this.workspaces.get(name) ?? absentWorkspace(name, seed)
    this.workspaces.set(name, Object.assign(workspace, { exists: true, committed: true, seed, tables: new Map() }))
    return true
  }

  #sow(seed: string, table: string, { key, text }: { key: string; text: string }): boolean {
    // A seed that is in memory anyway needs no second copy.
    if (this.#seeds.has(seed)) return true
    const tables = this.#unsown.get(seed)
    if (!tables) return false
    const rows = tables.get(table) ?? []
    tables.set(table, rows)
    // The text was made from a row by JSON.stringify.
    rows.push({ key, row: JSON.parse(text) as JsonObject })
    return true
  }

  #seed(fingerprint: string): Seed | undefined {
    const rows = this.#unsown.get(fingerprint)
    if (rows) {
      this.#unsown.delete(fingerprint)
      this.#seeds.set(fingerprint, seedOf(rows, fingerprint))
    }
    return this.#seeds.get(fingerprint)
  }
}
