import type { Config } from './config.js'
import type { Table } from '../kernel/table.js'
import type { Seed } from '../seed/document.js'
import { openEmbeddedStore } from '../store/embedded-store.js'
import type { RedisOptions } from '../store/redis/open.js'
import type { SeedRows, Store } from '../store/store.js'
import { settingWrites } from '../seed/apply.js'
import { registryTables, sandboxTables } from '../workspace/tables.js'
import { defaultWorkspace } from '../workspace/workspaces.js'

/** Options for `openStore`. */
export interface StoreParts {
  config: Config
  seed: Seed
  /** Visible tables, by full name. */
  tables: ReadonlyMap<string, Table>
  report: (message: string) => void
}

/**
 * Opens the store of the settings, and reports if it was filled from another seed than that of this start.
 *
 * @throws DataInUse, DamagedStore or DataUnusable with what to do, Problem if a shared store cannot be used
 */
export async function openStore({ config, seed, tables, report }: StoreParts): Promise<Store> {
  const { workspaceLimit, reset } = config
  const all = new Map([...tables, ...sandboxTables, ...registryTables])
  const options = { tables: all, seed: seedRows(seed), workspaceLimit, reset, report }
  const store =
    config.store === undefined
      ? await openEmbeddedStore({
          ...options,
          directory: config.memory ? null : config.data,
          sync: config.sync,
          recover: config.recover,
          journalLineLimit: config.journalLineLimit,
        })
      : await openShared({ ...options, url: config.store })
  const filledFrom = await closeIfItFails(store, async () => store.filledFrom(defaultWorkspace))
  if (filledFrom !== undefined && filledFrom !== store.seedFingerprint) {
    report(
      `${config.store === undefined ? config.data : 'The shared store'} was filled from another seed; its rows are left as they are. The option --reset, or the command "coinslot reset", fills it from this one.`,
    )
  }
  return store
}

/** Runs work on a store that was just opened, and closes the store if the work fails, because its connections would keep the process alive. */
export async function closeIfItFails<T>(store: Store, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Opens a store in Redis; its code is loaded here because most sandboxes do not use it. */
async function openShared(options: RedisOptions) {
  const { openRedisStore } = await import('../store/redis/open.js')
  return openRedisStore(options)
}

/** Returns the rows of a new workspace and its fixed settings; a running clock starts with the workspace. */
function seedRows(seed: Seed): SeedRows {
  const rows = new Map([...seed.rows].map(([name, keyed]) => [name, [...keyed]]))
  const { faults, upstreams } = seed
  for (const write of settingWrites({ faults, upstreams, clock: seed.clock?.frozen ? seed.clock : undefined })) {
    rows.set(write.table, [...(rows.get(write.table) ?? []), { key: write.key, row: write.row ?? {} }])
  }
  return rows
}
