import { closeSync, fsyncSync, openSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './directory/errors.js'
import { gate } from '../kernel/gate.js'
import { checkSnapshotSize, type SnapshotDrawer } from './snapshot-memory.js'
import { StorageFull } from './store.js'

const safeName = /^[a-z0-9_][a-z0-9_-]{0,62}$/
const ending = '.json'
const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** Keeps snapshots as files, a folder a workspace, each replaced as a whole; however many are asked for, few files are open at once. */
export function snapshotFiles(directory: string, sync: boolean): SnapshotDrawer {
  const drawer = filesOf(directory, sync)
  const inTurn = gate(mostOpen)
  return {
    list: (workspace) => inTurn(() => drawer.list(workspace)),
    save: (workspace, name, document) => inTurn(() => drawer.save(workspace, name, document)),
    load: (workspace, name) => inTurn(() => drawer.load(workspace, name)),
    delete: (workspace, name) => inTurn(() => drawer.delete(workspace, name)),
    forget: (workspace) => inTurn(() => drawer.forget(workspace)),
  }
}

const mostOpen = 4

function filesOf(directory: string, sync: boolean): SnapshotDrawer {
  let temporary = 0
  const folderOf = (workspace: string) => join(directory, checked(workspace))
  const list = async (workspace: string) => {
    const names = await unlessMissing(readdir(folderOf(workspace)), [])
    return names.flatMap((name) => (name.endsWith(ending) ? [name.slice(0, -ending.length)] : [])).sort()
  }
  return {
    list,
    async save(workspace, name, document) {
      const bytes = Buffer.from(document)
      checkSnapshotSize(name, bytes.length)
      const folder = folderOf(workspace)
      const path = join(folder, `${checked(name)}${ending}`)
      const unfinished = join(folder, `${name}.${(temporary += 1)}.tmp`)
      const isNew = !(await list(workspace)).includes(name)
      try {
        await mkdir(folder, { recursive: true })
        await writeWhole(unfinished, bytes, sync)
        await rename(unfinished, path)
        if (sync && process.platform !== 'win32') syncFolder(folder)
      } catch (error) {
        await rm(unfinished, { force: true })
        throw fullCodes.has(codeOf(error) ?? '')
          ? new StorageFull(`The disk that holds ${directory} is full (${codeOf(error)}), so snapshot ${name} was not saved.`)
          : error
      }
      return isNew
    },
    load: async (workspace, name) =>
      unlessMissing<string | undefined>(readFile(join(folderOf(workspace), `${checked(name)}${ending}`), 'utf8'), undefined),
    async delete(workspace, name) {
      const path = join(folderOf(workspace), `${checked(name)}${ending}`)
      return unlessMissing(
        rm(path).then(() => true),
        false,
      )
    },
    forget: (workspace) => rm(folderOf(workspace), { recursive: true, force: true }),
  }
}

/** Removes what a killed process left of snapshots it was writing. */
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

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

async function unlessMissing<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return otherwise
    throw error
  }
}

/** Names become paths, so only harmless ones may pass. */
function checked(name: string): string {
  if (!safeName.test(name)) throw new Error(`"${name}" cannot be the name of a snapshot or of its workspace.`)
  return name
}
