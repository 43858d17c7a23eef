import type { JsonObject } from '../../kernel/table.js'
import { settingsTables, type Change, type Settings } from '../store.js'
import type { Seed } from './seed.js'
import { TableRows } from './table-rows.js'

/** One workspace in memory: the seed it was made from, and what differs from it. */
export interface WorkspaceRows {
  readonly name: string
  /** True if it is there, as transactions see it. Others may look only at `committed`. */
  exists: boolean
  committed: boolean
  seed: Seed
  tables: Map<string, TableRows>
  /** Settings as last committed; `undefined` until the first commit. */
  settings: Settings | undefined
}

/** A workspace that does not exist yet. */
export function absentWorkspace(name: string, seed: Seed): WorkspaceRows {
  return { name, exists: false, committed: false, seed, tables: new Map(), settings: undefined }
}

/** Rows of one table, created at the first access. */
export function tableRowsOf(workspace: WorkspaceRows, name: string): TableRows {
  const found = workspace.tables.get(name)
  if (found) return found
  const rows = new TableRows(workspace.seed.tables.get(name))
  workspace.tables.set(name, rows)
  return rows
}

/** Rows and bytes of a workspace. The seed's bytes are shared and therefore not counted. */
export function sizeOf(workspace: WorkspaceRows): { rows: number; bytes: number } {
  if (!workspace.exists) return { rows: 0, bytes: 0 }
  let rows = workspace.seed.rows
  let bytes = 0
  for (const [name, table] of workspace.tables) {
    rows += table.count - (workspace.seed.tables.get(name)?.rows.length ?? 0)
    bytes += table.bytes
  }
  return { rows, bytes }
}

const isSettings: ReadonlySet<string> = new Set(settingsTables)

/** Reads the sandbox's own rows of a workspace that has nothing uncommitted. */
export function settingsOf(workspace: Pick<WorkspaceRows, 'seed' | 'tables'>): Settings {
  const settings = new Map<string, ReadonlyMap<string, JsonObject>>()
  for (const name of settingsTables) {
    const table = workspace.tables.get(name)
    const rows = table ? [...table.rows()] : (workspace.seed.tables.get(name)?.rows ?? [])
    settings.set(name, new Map(rows.map(({ key, row }) => [key, row])))
  }
  return settings
}

/** Settings after a commit: the same object unless the commit changed one of them. */
export function settingsAfter(settings: Settings, changes: readonly Change[]): Settings {
  let after: Map<string, ReadonlyMap<string, JsonObject>> | undefined
  for (const { table, key, row } of changes) {
    if (!isSettings.has(table)) continue
    after ??= new Map(settings)
    const rows = new Map(after.get(table))
    // The caller of `put` may still change its object.
    if (row) rows.set(key, JSON.parse(JSON.stringify(row)) as JsonObject)
    else rows.delete(key)
    after.set(table, rows)
  }
  return after ?? settings
}
