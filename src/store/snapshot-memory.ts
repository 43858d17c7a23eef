import { StorageFull, type Snapshots } from './store.js'

/** Snapshots of a store that keeps nothing on disk. */
export interface SnapshotDrawer extends Snapshots {
  /** Forgets all snapshots of a workspace. */
  forget(workspace: string): Promise<void>
}

/** Largest document of one snapshot, in bytes. */
export const snapshotLimit = 256 * 1024 * 1024

/** @throws StorageFull when a document is over the limit of one snapshot */
export function checkSnapshotSize(name: string, bytes: number, limit = snapshotLimit): void {
  if (bytes <= limit) return
  const size = (value: number) => `${Math.ceil(value / 1024 / 1024)} MiB`
  throw new StorageFull(
    `Snapshot ${name} would take ${size(bytes)}; one snapshot holds at most ${size(limit)}. Remove rows before saving it.`,
  )
}

/** Keeps snapshots in memory. */
export function memorySnapshots(): SnapshotDrawer {
  const drawers = new Map<string, Map<string, string>>()
  return {
    async save(workspace, name, document) {
      checkSnapshotSize(name, Buffer.byteLength(document))
      const drawer = drawers.get(workspace) ?? new Map<string, string>()
      drawers.set(workspace, drawer)
      const isNew = !drawer.has(name)
      drawer.set(name, document)
      return isNew
    },
    load: async (workspace, name) => drawers.get(workspace)?.get(name),
    list: async (workspace) => [...(drawers.get(workspace)?.keys() ?? [])].sort(),
    delete: async (workspace, name) => drawers.get(workspace)?.delete(name) ?? false,
    async forget(workspace) {
      drawers.delete(workspace)
    },
  }
}
