import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Conflict } from '../kernel/problem.js'
import { limitConcurrency } from '../kernel/limit-concurrency.js'
import { codeOf, diskFullCodeOf } from './directory/errors.js'
import { syncDirectory } from './directory/files.js'
import { StorageFull, type Snapshots } from './store.js'

/** Snapshots of an embedded store. */
export interface SnapshotStore extends Snapshots {
  /** Deletes all snapshots of a workspace. */
  forget(workspace: string): Promise<void>
}

/** Largest document of one snapshot, in bytes. */
export const snapshotLimit = 256 * 1024 * 1024

/** @throws StorageFull if a document is larger than the limit */
export function checkSnapshotSize(name: string, bytes: number, limit = snapshotLimit): void {
  if (bytes <= limit) return
  const size = (value: number) => `${Math.ceil(value / 1024 / 1024)} MiB`
  throw new StorageFull(
    `Snapshot ${name} would take ${size(bytes)}; one snapshot holds at most ${size(limit)}. Remove rows before saving it.`,
  )
}

/** Keeps snapshots in memory. */
export function memorySnapshots(): SnapshotStore {
  const documents = new Map<string, Map<string, string>>()
  return {
    async save(workspace, name, document) {
      checkSnapshotSize(name, Buffer.byteLength(document))
      const byName = documents.get(workspace) ?? new Map<string, string>()
      documents.set(workspace, byName)
      const isNew = !byName.has(name)
      byName.set(name, document)
      return isNew
    },
    load: async (workspace, name) => documents.get(workspace)?.get(name),
    list: async (workspace) => [...(documents.get(workspace)?.keys() ?? [])].sort(),
    delete: async (workspace, name) => documents.get(workspace)?.delete(name) ?? false,
    async forget(workspace) {
      documents.delete(workspace)
    },
  }
}

const safeName = /^[a-z0-9_][a-z0-9_-]{0,62}$/
const ending = '.json'
const mostOpenFiles = 4

/** Keeps snapshots as files, in one folder per workspace. Each is replaced as a whole, and few files are open at once. */
export function snapshotFiles(directory: string, sync: boolean): SnapshotStore {
  const files = filesIn(directory, sync)
  const limited = limitConcurrency(mostOpenFiles)
  return {
    list: (workspace) => limited(() => files.list(workspace)),
    save: (workspace, name, document) => limited(() => files.save(workspace, name, document)),
    load: (workspace, name) => limited(() => files.load(workspace, name)),
    delete: (workspace, name) => limited(() => files.delete(workspace, name)),
    forget: (workspace) => limited(() => files.forget(workspace)),
  }
}

function filesIn(directory: string, sync: boolean): SnapshotStore {
  let temporary = 0
  const folderOf = (workspace: string) => join(directory, checked(workspace))
  const pathOf = (workspace: string, name: string) => join(folderOf(workspace), `${checked(name)}${ending}`)
  const list = async (workspace: string) => {
    const entries = await unlessMissing(readdir(folderOf(workspace), { withFileTypes: true }), [])
    // Leaves out files that people put there, such as "q (copy).json".
    const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    return files
      .map(({ name }) => name.slice(0, -ending.length))
      .filter((name) => safeName.test(name))
      .sort()
  }
  return {
    list,
    async save(workspace, name, document) {
      const bytes = Buffer.from(document)
      checkSnapshotSize(name, bytes.length)
      const path = pathOf(workspace, name)
      const folder = folderOf(workspace)
      const unfinished = join(folder, `${name}.${(temporary += 1)}.tmp`)
      const isNew = !(await list(workspace)).includes(name)
      try {
        await mkdir(folder, { recursive: true })
        await writeWhole(unfinished, bytes, sync)
        await rename(unfinished, path)
        if (sync) syncDirectory(folder)
      } catch (error) {
        await rm(unfinished, { force: true })
        if (isFolder(error)) throw inTheWay(path, name)
        const full = diskFullCodeOf(error)
        throw full === undefined
          ? error
          : new StorageFull(`The disk that holds ${directory} is full (${full}), so snapshot ${name} was not saved.`)
      }
      return isNew
    },
    load: async (workspace, name) => unlessMissing<string | undefined>(readFile(pathOf(workspace, name), 'utf8'), undefined),
    async delete(workspace, name) {
      const isDeleted = rm(pathOf(workspace, name)).then(() => true)
      return unlessMissing(isDeleted, false)
    },
    forget: (workspace) => rm(folderOf(workspace), { recursive: true, force: true }),
  }
}

/** Deletes snapshot files that a killed process did not finish. */
export async function clearUnfinishedSnapshots(directory: string): Promise<void> {
  for (const entry of await unlessMissing(readdir(directory, { recursive: true }), [])) {
    if (entry.endsWith('.tmp')) await rm(join(directory, entry), { force: true })
  }
}

async function writeWhole(path: string, bytes: Buffer, sync: boolean): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(bytes)
    if (sync) await file.datasync()
  } finally {
    await file.close()
  }
}

/** Reads a file, or a folder of files; what is a folder in place of a file is as good as missing. */
async function unlessMissing<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || isFolder(error)) return otherwise
    throw error
  }
}

function isFolder(error: unknown): boolean {
  return ['EISDIR', 'ERR_FS_EISDIR'].includes(codeOf(error) ?? '')
}

function inTheWay(path: string, name: string): Conflict {
  const detail = `${path} is a folder, so snapshot ${name} cannot be written there. Move the folder away, or choose another name.`
  return new Conflict({ type: 'snapshot-folder', title: 'A folder is in the way.', detail })
}

/** Names become paths, so only safe ones may pass. */
function checked(name: string): string {
  if (!safeName.test(name)) throw new Error(`"${name}" cannot be the name of a snapshot or of its workspace.`)
  return name
}
