import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DamagedStore } from '../../../src/store/directory/errors.js'
import { openEmbeddedStore, type EmbeddedOptions } from '../../../src/store/embedded-store.js'
import { noWrongs, type Wrongs } from '../trial.js'
import type { Operation } from './recorder.js'
import { contentsOf, storeOptions, type Recording, type Sync } from './scenario.js'
import type { CutState } from './states.js'

/** Verdict over one state: what went wrong, and if the start needed `--recover`. */
export interface Judged extends Wrongs {
  isRecovered: boolean
}

/** Opens the store on the files that a power cut left, and compares what it holds with what it may hold. */
export async function judge(state: CutState, { operations, contents }: Recording, sync: Sync): Promise<Judged> {
  const wrongs = noWrongs()
  const directory = mkdtempSync(join(tmpdir(), 'coinslot-cut-'))
  const place = `--sync ${sync}, cut after operation ${state.after}, ${state.how}`
  for (const [name, content] of state.files) writeFileSync(join(directory, name), content)
  try {
    const { held, isRecovered } = await open({ ...storeOptions(directory, sync) }, place, wrongs)
    if (held === undefined) return { ...wrongs, isRecovered }
    // A damaged state file keeps its readable rows, which may be older and newer ones.
    if (isRecovered && !contents.includes(held)) {
      const unwritten = rowsOf(held).filter((row) => !contents.some((content) => rowsOf(content).includes(row)))
      if (unwritten.length > 0) wrongs.doubled.push(`${place}: holds a row that was never written: ${unwritten[0]}`)
      if (leastKept(operations.slice(0, state.after), sync) > 0) wrongs.lost.push(`${place}: rows on the disk were given up`)
      return { ...wrongs, isRecovered }
    }
    // A dropped workspace leaves the contents of an earlier transaction.
    const found = contents.lastIndexOf(held)
    const first = contents.indexOf(held)
    const least = leastKept(operations.slice(0, state.after), sync)
    const most = operations.slice(0, state.after).filter(({ kind }) => kind === 'acknowledged').length + 1
    if (found < 0) wrongs.doubled.push(`${place}: holds what no number of transactions wrote: ${held.slice(0, 300)}`)
    else if (found < least) wrongs.lost.push(`${place}: holds ${found} transactions, of which ${least} were on the disk`)
    else if (first > most) wrongs.doubled.push(`${place}: holds ${first} transactions, of which ${most} were begun`)
    return { ...wrongs, isRecovered }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function open(options: EmbeddedOptions, place: string, wrongs: Wrongs): Promise<{ held?: string; isRecovered: boolean }> {
  let isRecovered = false
  try {
    const store = await openEmbeddedStore(options).catch((error: unknown) => {
      if (!(error instanceof DamagedStore)) throw error
      if (!/^(?:state\.json|journal[.\d]*\.ndjson)(?:, line \d+)?: .*--recover/.test(error.message)) {
        wrongs.unclean.push(`${place}: ${error.message}`)
      }
      isRecovered = true
      return openEmbeddedStore({ ...options, recover: true })
    })
    const held = await contentsOf(store)
    await store.close()
    return { held, isRecovered }
  } catch (error) {
    wrongs.crashed.push(`${place}: ${(error as Error).message}`)
    return { isRecovered }
  }
}

/** Number of transactions that must be there: with `always` all acknowledged ones, else those written before the last completed sync. */
function leastKept(done: readonly Operation[], sync: Sync): number {
  if (sync === 'never') return 0
  if (sync === 'always') return done.filter(({ kind }) => kind === 'acknowledged').length
  const journals = new Set<number>()
  for (const one of done) if (one.kind === 'create' && one.path === 'journal.ndjson') journals.add(one.file)
  const syncedUpTo = new Map<number, number>()
  for (const one of done) if (one.kind === 'sync') syncedUpTo.set(one.file, one.from)
  const firstUnsynced = done.findIndex((one, at) => one.kind === 'write' && journals.has(one.file) && at >= (syncedUpTo.get(one.file) ?? 0))
  const certain = firstUnsynced < 0 ? done : done.slice(0, firstUnsynced)
  return certain.filter(({ kind }) => kind === 'acknowledged').length
}

/** Every row of a store's contents, with its workspace and table. */
function rowsOf(contents: string): string[] {
  const workspaces = JSON.parse(contents) as [string, Record<string, unknown[]>][]
  return workspaces.flatMap(([workspace, dump]) =>
    Object.entries(dump).flatMap(([name, rows]) => rows.map((row) => JSON.stringify([workspace, name, row]))),
  )
}
