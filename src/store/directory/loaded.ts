import type { Op } from '../journal/line.js'
import { emptySeed, seedOf, type Seed } from '../rows/seed.js'
import type { TableRows } from '../rows/table-rows.js'
import { absentWorkspace, tableRowsOf, type WorkspaceRows } from '../rows/workspace-rows.js'
import type { State } from '../state.js'
import type { KeyedRow } from '../store.js'

/** Rows read from the files of a data directory: workspaces, and the seeds they were made from. */
export class LoadedRows implements State {
  /** Number of the last journal line they contain. */
  lastLine = 0
  /** Fingerprints of the seeds that the files hold. */
  readonly recordedSeeds: Set<string>
  readonly #workspaces = new Map<string, WorkspaceRows>()
  readonly #seeds: Map<string, Seed>
  /** Rows of seeds that were not read to their end yet. */
  readonly #seedRows = new Map<string, Map<string, KeyedRow[]>>()

  /** @param shared seeds that are in memory already, so that their rows are not kept twice */
  constructor(shared: readonly Seed[]) {
    this.#seeds = new Map([emptySeed, ...shared].map((seed) => [seed.fingerprint, seed]))
    this.recordedSeeds = new Set([emptySeed.fingerprint])
  }

  get workspaces(): WorkspaceRows[] {
    return [...this.#workspaces.values()]
  }

  get seeds(): Seed[] {
    return [...this.recordedSeeds].flatMap((fingerprint) => this.#seed(fingerprint) ?? [])
  }

  /** Applies one operation. @returns false if it refers to something that does not exist */
  apply(workspace: string, op: Op): boolean {
    switch (op.kind) {
      case 'seed':
        this.recordedSeeds.add(op.seed)
        if (!this.#seeds.has(op.seed)) this.#seedRows.set(op.seed, new Map())
        return true
      case 'seed-row':
        return this.#addSeedRow(op.seed, op.table, { key: op.key, row: op.row })
      case 'make':
        return this.#make(workspace, op.seed)
      case 'drop':
        return this.#workspaces.delete(workspace)
      case 'put':
        this.#table(workspace, op.table)?.put(op.key, op.text)
        return this.#workspaces.has(workspace)
      case 'delete':
        return this.#table(workspace, op.table)?.delete(op.key) !== undefined
    }
  }

  /** Adds a row of the state file. @returns false if its workspace is missing or the row is there already */
  append(workspace: string, table: string, { key, text }: { key: string; text: string }): boolean {
    return this.#table(workspace, table)?.append(key, text) ?? false
  }

  #table(workspace: string, table: string): TableRows | undefined {
    const found = this.#workspaces.get(workspace)
    return found && tableRowsOf(found, table)
  }

  #make(name: string, fingerprint: string): boolean {
    const seed = this.#seed(fingerprint)
    if (!seed) return false
    const workspace = this.#workspaces.get(name) ?? absentWorkspace(name, seed)
    this.#workspaces.set(name, Object.assign(workspace, { exists: true, committed: true, seed, tables: new Map() }))
    return true
  }

  #addSeedRow(seed: string, table: string, row: KeyedRow): boolean {
    if (this.#seeds.has(seed)) return true
    const tables = this.#seedRows.get(seed)
    if (!tables) return false
    const rows = tables.get(table) ?? []
    tables.set(table, rows)
    rows.push(row)
    return true
  }

  #seed(fingerprint: string): Seed | undefined {
    const rows = this.#seedRows.get(fingerprint)
    if (rows) {
      this.#seedRows.delete(fingerprint)
      this.#seeds.set(fingerprint, seedOf(rows, fingerprint))
    }
    return this.#seeds.get(fingerprint)
  }
}
