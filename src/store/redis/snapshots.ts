import { checkSnapshotSize } from '../snapshots.js'
import type { Snapshots } from '../store.js'
import type { Client } from './connect.js'
import type { Keyspace } from './keys.js'
import { withStoreErrors } from './run-script.js'

/** Snapshots in Redis: one hash per workspace, which is deleted with the workspace. */
export function redisSnapshots(client: Client, keys: Keyspace): Snapshots {
  const key = (workspace: string) => `${keys.head(workspace)}:snapshots`
  return {
    async save(workspace, name, document) {
      checkSnapshotSize(name, Buffer.byteLength(document))
      return (await withStoreErrors(client.hset(key(workspace), name, document))) === 1
    },
    async load(workspace, name) {
      return (await withStoreErrors(client.hget(key(workspace), name))) ?? undefined
    },
    list: async (workspace) => (await withStoreErrors(client.hkeys(key(workspace)))).sort(),
    delete: async (workspace, name) => (await withStoreErrors(client.hdel(key(workspace), name))) === 1,
  }
}
