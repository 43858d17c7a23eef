import { registryWorkspace, StorageFull, type Store } from '../store/store.js'

/**
 * Counts this start among those over the same data directory, 1 for the first. Request ids carry it, as rows that an earlier process
 * wrote name the requests of that one.
 */
export async function countStart(store: Store): Promise<number> {
  const { value: last } = await store.transact(registryWorkspace, async (rows) => (await rows.get(startsTable, key))?.['count'])
  const count = Number(last ?? 0) + 1
  try {
    await store.transact(registryWorkspace, async (rows) => rows.put(startsTable, key, { id: key, count }))
  } catch (error) {
    // A full disk hinders no start.
    if (!(error instanceof StorageFull)) throw error
  }
  return count
}

const startsTable = 'registry.starts'
const key = 'starts'
