import fs from 'node:fs'
import { z } from 'zod'
import { table, type Table } from '../../../src/kernel/table.js'
import { openEmbeddedStore, type EmbeddedOptions } from '../../../src/store/embedded-store.js'
import type { Disk } from '../../../src/store/journal/file.js'
import type { Rows, SeedRows, Store } from '../../../src/store/store.js'
import { recordFiles, type Operation } from './recorder.js'

/** Value of `--sync`. */
export type Sync = EmbeddedOptions['sync']

/** A recording, and what the store held after each number of transactions. */
export interface Recording {
  operations: readonly Operation[]
  contents: readonly string[]
}

const tables = new Map<string, Table>([['shop.orders', table(z.strictObject({ id: z.string(), note: z.string() }), ['id'])]])
const seed: SeedRows = new Map([['shop.orders', [{ key: 'seeded', row: { id: 'seeded', note: 'of the seed' } }]]])

/** Options of every store of this trial. */
export function storeOptions(directory: string | null, sync: Sync): EmbeddedOptions {
  return { tables, seed, workspaceLimit: 50, directory, sync }
}

/** All that a store holds, as a string. */
export async function contentsOf(store: Store): Promise<string> {
  const names = (await store.names()).sort()
  return JSON.stringify(await Promise.all(names.map(async (name) => [name, await store.dump(name)])))
}

/** A transaction of the scenario, or what happens between two. */
type Step = { transact: (store: Store) => Promise<unknown> } | 'compact' | 'restart'

const put = (workspace: string, id: string, length: number) => ({
  transact: (store: Store) => store.transact(workspace, async (rows: Rows) => rows.put('shop.orders', id, { id, note: id.repeat(length) })),
})
const remove = (workspace: string, id: string) => ({
  transact: (store: Store) => store.transact(workspace, (rows: Rows) => rows.delete('shop.orders', id)),
})

/** Short and long lines in three workspaces, with a compaction, a clean restart, deleted rows, a reset and a dropped workspace. */
const steps: readonly Step[] = [
  put('w', 'o-1', 1),
  put('w', 'o-2', 300),
  put('v', 'o-1', 10),
  'compact',
  put('w', 'o-3', 1),
  remove('w', 'o-1'),
  put('v', 'o-2', 500),
  'restart',
  put('w', 'o-4', 2),
  { transact: (store) => store.reset('v') },
  put('u', 'o-1', 1),
  'compact',
  { transact: (store) => store.drop('u') },
  put('w', 'o-5', 200),
  'restart',
  put('w', 'o-6', 1),
]

/** Plays the scenario in an empty directory and records what reaches the file system. */
export async function record(directory: string, sync: Sync): Promise<Recording> {
  const contents = await contentsAfterEach()
  const { operations, stop } = recordFiles(directory)
  try {
    let store = await openEmbeddedStore({ ...storeOptions(directory, sync), disk: recordedDisk })
    for (const step of steps) {
      if (step === 'compact') await store.compact()
      else if (step === 'restart') {
        await store.close()
        store = await openEmbeddedStore({ ...storeOptions(directory, sync), disk: recordedDisk })
      } else {
        await step.transact(store)
        operations.push({ kind: 'acknowledged' })
      }
    }
    await store.close()
    return { operations, contents }
  } finally {
    stop()
  }
}

/** Contents of a store in memory after each transaction. */
async function contentsAfterEach(): Promise<string[]> {
  const store = await openEmbeddedStore(storeOptions(null, 'never'))
  const contents = [await contentsOf(store)]
  for (const step of steps) {
    if (typeof step === 'string') continue
    await step.transact(store)
    contents.push(await contentsOf(store))
  }
  await store.close()
  return contents
}

/** Calls the functions of `node:fs` as they are when it is called. */
const recordedDisk: Disk = {
  write: (file, bytes, from, position) => fs.writeSync(file, bytes, from, bytes.length - from, position),
  truncate: (file, length) => fs.ftruncateSync(file, length),
  sync: (file, done) => fs.fdatasync(file, done),
}
