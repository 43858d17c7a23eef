import { createHash } from 'node:crypto'
import type { Operation } from './recorder.js'

/** The files of a directory after a power cut, by name. */
export interface CutState {
  /** Number of operations before the cut. */
  after: number
  /** Fate of the part that was not synced. */
  how: string
  files: ReadonlyMap<string, Buffer>
}

/** Fates of writes that were not synced; a disk may write sectors of 512 bytes in any order. */
const fates = ['lost', 'kept', 'torn', 'first missing', 'last missing', 'odd sectors', 'even sectors'] as const
type Fate = (typeof fates)[number]
const sector = 512

type Change = Extract<Operation, { kind: 'write' | 'truncate' }>

/** Yields each different state that a power cut could leave at any point of a recording. Entries of a directory are journalled in order. */
export function* cutStates(operations: readonly Operation[]): Generator<CutState> {
  const seen = new Set<string>()
  for (let after = 0; after <= operations.length; after += 1) {
    const done = operations.slice(0, after)
    for (const { names, how: entries } of directories(done)) {
      for (const fate of fates) {
        const files = new Map([...names].map(([name, file]) => [name, contentOf(done, file, fate)]))
        const state = { after, how: `${entries}, unsynced writes ${fate}`, files }
        const digest = digestOf(state)
        if (seen.has(digest)) continue
        seen.add(digest)
        yield state
      }
    }
  }
}

/** Entries that a directory could have: those of its last sync, and each number of later changes. */
function* directories(done: readonly Operation[]): Generator<{ names: Map<string, number>; how: string }> {
  const names = new Map<string, number>()
  const lastSync = done.findLastIndex(({ kind }) => kind === 'sync-directory')
  for (const operation of done.slice(0, lastSync + 1)) enter(names, operation)
  let changes = 0
  yield { names: new Map(names), how: 'entries as synced' }
  for (const operation of done.slice(lastSync + 1)) {
    if (!enter(names, operation)) continue
    changes += 1
    yield { names: new Map(names), how: `entries with ${changes} unsynced changes` }
  }
}

/** Applies an operation to the entries of a directory. Returns false if it changes none. */
function enter(names: Map<string, number>, operation: Operation): boolean {
  switch (operation.kind) {
    case 'create':
      names.set(operation.path, operation.file)
      return true
    case 'rename': {
      const file = names.get(operation.from)
      if (file === undefined) return false
      names.delete(operation.from)
      names.set(operation.to, file)
      return true
    }
    case 'remove':
      return names.delete(operation.path)
    default:
      return false
  }
}

function contentOf(done: readonly Operation[], file: number, fate: Fate): Buffer {
  const syncedUpTo = done.findLast((one) => one.kind === 'sync' && one.file === file) as { from: number } | undefined
  const changes = done.flatMap((one, at) =>
    (one.kind === 'write' || one.kind === 'truncate') && one.file === file ? [{ one, isSynced: at < (syncedUpTo?.from ?? 0) }] : [],
  )
  const synced = changes.filter(({ isSynced }) => isSynced).map(({ one }) => one)
  const pending = changes.filter(({ isSynced }) => !isSynced).map(({ one }) => one)
  return fated(synced, pending, fate).reduce(changed, Buffer.alloc(0))
}

function fated(synced: readonly Change[], pending: readonly Change[], fate: Fate): Change[] {
  switch (fate) {
    case 'lost':
      return [...synced]
    case 'kept':
      return [...synced, ...pending]
    case 'torn':
      return [...synced, ...pending.slice(0, -1), ...pending.slice(-1).flatMap((one) => sectorsOf(one, (at) => at === 0))]
    case 'first missing':
      return [...synced, ...pending.slice(1)]
    case 'last missing':
      return [...synced, ...pending.slice(0, -1)]
    case 'odd sectors':
      return [...synced, ...pending.flatMap((one) => sectorsOf(one, (at) => at % 2 === 1))]
    case 'even sectors':
      return [...synced, ...pending.flatMap((one) => sectorsOf(one, (at) => at % 2 === 0))]
  }
}

/** The parts of a write in those sectors of the file, counted from its first, that `isKept` names; a truncation is kept. */
function sectorsOf(change: Change, isKept: (at: number) => boolean): Change[] {
  if (change.kind === 'truncate') return [change]
  const { file, offset, bytes } = change
  const parts: Change[] = []
  const first = Math.floor(offset / sector)
  for (let from = 0, at = first; from < bytes.length; at += 1) {
    const to = Math.min(bytes.length, (at + 1) * sector - offset)
    if (isKept(at - first)) parts.push({ kind: 'write', file, offset: offset + from, bytes: bytes.subarray(from, to) })
    from = to
  }
  return parts
}

function changed(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') {
    return Buffer.concat([content.subarray(0, change.length), Buffer.alloc(Math.max(0, change.length - content.length))])
  }
  const length = Math.max(content.length, change.offset + change.bytes.length)
  const next = Buffer.concat([content, Buffer.alloc(length - content.length)])
  change.bytes.copy(next, change.offset)
  return next
}

/** States that hold the same files are one, unless more transactions were acknowledged; the number of operations stands for those. */
function digestOf({ after, files }: CutState): string {
  const hash = createHash('sha256').update(String(after))
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`\0${name}\0`).update(content)
  return hash.digest('hex')
}
