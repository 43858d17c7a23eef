import { checkSnapshotSize } from '../snapshots.js'
import type { Snapshots } from '../store.js'
import type { Client } from './connect.js'
import type { Keyspace } from './keys.js'
import { told } from './link.js'

/** Snapshots of all workspaces, each workspace's in one hash; they go when the workspace is dropped. */
export function redisSnapshots(client: Client, keys: Keyspace): Snapshots {
  const drawer = (workspace: string) => `${keys.head(workspace)}:snapshots`
  return {
    async save(workspace, name, document) {
      checkSnapshotSize(name, Buffer.byteLength(document))
      return (await told(client.hset(drawer(workspace), name, document))) === 1
    },
    async load(workspace, name) {
      return (await told(client.hget(drawer(workspace), name))) ?? undefined
    },
    list: async (workspace) => (await told(client.hkeys(drawer(workspace)))).sort(),
    delete: async (workspace, name) => (await told(client.hdel(drawer(workspace), name))) === 1,
  }
}
