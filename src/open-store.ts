import type { Config } from './config.js'
import type { Table } from './kernel/table.js'
import type { Seed } from './seed/document.js'
import { openEmbeddedStore } from './store/embedded.js'
import type { SeedRows, Store } from './store/store.js'
import { settingWrites } from './workspace/apply-seed.js'
import { registryTables, sandboxTables } from './workspace/tables.js'
import { defaultWorkspace } from './workspace/workspaces.js'

/** What a store is opened with. */
export interface StoreParts {
  config: Config
  seed: Seed
  /** Tables that people see, by full name. */
  tables: ReadonlyMap<string, Table>
  report: (message: string) => void
}

/**
 * Opens the store that the settings ask for, and says when it was filled from another seed than this start brings along.
 *
 * @throws DataInUse, DamagedStore or DataUnusable with what to do
 */
export async function openStore({ config, seed, tables, report }: StoreParts): Promise<Store> {
  const store = await openEmbeddedStore({
    directory: config.memory ? null : config.data,
    sync: config.sync,
    tables: new Map([...tables, ...sandboxTables, ...registryTables]),
    seed: seedRows(seed),
    workspaceLimit: config.workspaceLimit,
    reset: config.reset,
    recover: config.recover,
    journalLineLimit: config.journalLineLimit,
    report,
  })
  const filledFrom = store.filledFrom(defaultWorkspace)
  if (filledFrom !== undefined && filledFrom !== store.seedFingerprint) {
    report(
      `${config.data} was filled from another seed; its rows are left as they are. --reset, or POST /_sandbox/reset, fills it from this one.`,
    )
  }
  return store
}

/** What a workspace starts with: rows, and the settings that stand still; a running clock starts when the workspace does. */
function seedRows(seed: Seed): SeedRows {
  const rows = new Map([...seed.rows].map(([name, keyed]) => [name, [...keyed]]))
  const { faults, upstreams } = seed
  for (const write of settingWrites({ faults, upstreams, clock: seed.clock?.frozen ? seed.clock : undefined })) {
    rows.set(write.table, [...(rows.get(write.table) ?? []), { key: write.key, row: write.row ?? {} }])
  }
  return rows
}
