import type { JsonObject, Table } from '../../kernel/table.js'
import { Overlay } from './table-rows.js'
import type { Seed } from './seed.js'
import { settingsTables, type Change, type Settings } from '../store.js'

/** The workspace of the sandbox itself, for claims and the like: not made from the seed and not listed. */
export const registryWorkspace = '_'

/** One workspace in memory: the seed it was made from and what differs from it. */
export interface Workspace {
  readonly name: string
  /** Whether it is there, as transactions see it; others may only look at what was committed. */
  exists: boolean
  committed: boolean
  seed: Seed
  tables: Map<string, Overlay>
  /** Made of committed rows when somebody asks; `undefined` until then. */
  settings: Settings | undefined
}

/** A workspace nobody has made yet. */
export function absentWorkspace(name: string, seed: Seed): Workspace {
  return { name, exists: false, committed: false, seed, tables: new Map(), settings: undefined }
}

/** The rows of one table, which come into being with the first look at them. */
export function overlayOf(workspace: Workspace, name: string, tables: ReadonlyMap<string, Table>, isLate = false): Overlay {
  const found = workspace.tables.get(name)
  if (found) return found
  const overlay = new Overlay(workspace.seed.tables.get(name), Object.values(tables.get(name)?.indexes ?? {}), isLate)
  workspace.tables.set(name, overlay)
  return overlay
}

/** Rows and bytes a workspace answers for; the seed's bytes are shared and count for nobody. */
export function sizeOf(workspace: Workspace): { rows: number; bytes: number } {
  if (!workspace.exists) return { rows: 0, bytes: 0 }
  let rows = workspace.seed.rows
  let bytes = 0
  for (const [name, overlay] of workspace.tables) {
    rows += overlay.count - (workspace.seed.tables.get(name)?.rows.length ?? 0)
    bytes += overlay.bytes
  }
  return { rows, bytes }
}

const isSettings: ReadonlySet<string> = new Set(settingsTables)

/** The sandbox's own rows as they are now; only for workspaces without anything uncommitted. */
export function settingsOf(workspace: Pick<Workspace, 'seed' | 'tables'>): Settings {
  const settings = new Map<string, ReadonlyMap<string, JsonObject>>()
  for (const name of settingsTables) {
    const overlay = workspace.tables.get(name)
    const rows = overlay ? [...overlay.rows()] : (workspace.seed.tables.get(name)?.rows ?? [])
    settings.set(name, new Map(rows.map(({ key, row }) => [key, row])))
  }
  return settings
}

/** The settings after a commit: the same object unless the commit touched one. */
export function settingsAfter(settings: Settings, changes: readonly Change[]): Settings {
  let after: Map<string, ReadonlyMap<string, JsonObject>> | undefined
  for (const { table, key, row } of changes) {
    if (!isSettings.has(table)) continue
    after ??= new Map(settings)
    const rows = new Map(after.get(table))
    // Whoever wrote the row may still change its object.
    if (row) rows.set(key, JSON.parse(JSON.stringify(row)) as JsonObject)
    else rows.delete(key)
    after.set(table, rows)
  }
  return after ?? settings
}
