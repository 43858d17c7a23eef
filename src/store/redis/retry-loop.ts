import { registryWorkspace, settingsTables, StorageFull, StoreUnavailable, type Change, type Committed, type Rows } from '../store.js'
import type { Known } from './base-rows.js'
import type { CommitResult, Commits } from './commits.js'
import type { Events } from './events.js'
import type { SizeStats } from './stats.js'
import type { Locks } from './locks.js'
import type { WorkspaceIndex } from './workspace-index.js'
import type { Seeds } from './seeds.js'
import type { WorkspaceCache } from './workspace-cache.js'
import type { CommitListeners } from './commit-listeners.js'
import { Transaction, type Sources } from './transaction.js'
import type { Write } from './writes.js'
import { performance, setTimeout } from '../../kernel/timers.js'

/** Options for `RetryLoop`. */
export interface RetryLoopParts {
  workspaces: WorkspaceCache
  sources: Sources
  commits: Commits
  events: Events
  listeners: CommitListeners
  seeds: Seeds
  index: WorkspaceIndex
  locks: Locks
  sizes: SizeStats
  /** Returns a unique version. */
  token: () => string
}

/**
 * Runs transactions: first concurrently, and after a conflict one after the other in this process. One that still meets conflicts then
 * commits under a lock, so that each of them finishes.
 */
export class RetryLoop {
  readonly #parts: RetryLoopParts
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(parts: RetryLoopParts) {
    this.#parts = parts
  }

  /** @throws the error of `work`, StoreUnavailable, StorageFull, WorkspaceLimit */
  async transact<T>(workspace: string, work: (rows: Rows) => Promise<T>): Promise<Committed<T>> {
    const first = await this.#attempt(workspace, work, '')
    if (first.kind === 'done') return first.committed
    return this.#oneByOne(workspace, () => this.#retry(workspace, work))
  }

  async #retry<T>(workspace: string, work: (rows: Rows) => Promise<T>): Promise<Committed<T>> {
    const { locks, token } = this.#parts
    const begun = performance.now()
    const holder = token()
    let isLocked = false
    try {
      for (let tries = 1; performance.now() - begun < timeoutMs; tries++) {
        if (!isLocked && tries > attemptsWithoutLock) isLocked = await locks.take(workspace, holder)
        const isOthers = !isLocked && tries > attemptsWithoutLock
        const result = isOthers ? locked : await this.#attempt(workspace, work, isLocked ? holder : '')
        if (result.kind === 'done') return result.committed
        // The wait for the lock of another process grows with each attempt.
        if (result.kind === 'locked') await pause(Math.min(2 ** tries, longestPauseMs))
      }
    } finally {
      if (isLocked) await locks.release(workspace, holder)
    }
    throw new StoreUnavailable(`Workspace "${workspace}" was changed by other processes all the time, for ${timeoutMs / 1000} s.`)
  }

  async #attempt<T>(workspace: string, work: (rows: Rows) => Promise<T>, holder: string): Promise<Attempt<T>> {
    const { workspaces, sources } = this.#parts
    const known = await workspaces.known(workspace)
    const transaction = new Transaction(known, sources)
    const outcome = await run(work, transaction)
    transaction.end()
    if (transaction.isMoved) return this.#again(known, transaction, 'moved')
    const failed = 'error' in outcome
    if (failed && (outcome.error instanceof StoreUnavailable || outcome.error instanceof StorageFull)) throw outcome.error
    const writes = failed ? [] : transaction.writes.toSend()
    const onlyReads = failed || (writes.length === 0 && known.generation !== '')
    if (!onlyReads || !transaction.isConsistent) {
      const result = onlyReads ? await this.#check(known, transaction, holder) : await this.#commit(known, transaction, { writes, holder })
      if (result !== 'ok') return this.#again(known, transaction, result)
    }
    if (failed) throw outcome.error
    return { kind: 'done', committed: { value: outcome.value, changes: transaction.writes.changes() } }
  }

  /** Checks that all reads are of one state of the workspace. */
  async #check(known: Known, { reads }: Transaction, holder: string): Promise<CommitResult['kind']> {
    const order = { known, mode: 'c' as const, holder, fresh: '', token: '', isSetting: false, message: '', reads, writes: [] }
    return (await this.#parts.commits.send(order)).kind
  }

  async #commit(
    known: Known,
    transaction: Transaction,
    { writes, holder }: { writes: Write[]; holder: string },
  ): Promise<CommitResult['kind']> {
    const { commits, events, listeners, seeds, index, workspaces, sources, sizes } = this.#parts
    const { workspace } = known
    const isNew = known.generation === ''
    if (isNew) {
      await seeds.save()
      await index.add(workspace)
    }
    const token = this.#parts.token()
    const own =
      isNew || writes.some(({ table }) => isOfSandbox(table))
        ? events.announce(workspace, token, { isWhole: isNew, changes: sandboxChanges(writes) })
        : undefined
    try {
      const result = await commits.send({
        known,
        mode: 'w',
        holder,
        fresh: isNew ? token : '',
        token,
        // The registry has no settings, so its version changes with every claim.
        isSetting: writes.some(({ table }) => isSettings.has(table) || workspace === registryWorkspace),
        message: own?.message ?? '',
        reads: transaction.reads,
        writes,
      })
      if (result.kind !== 'ok') {
        if (own) events.forget(own)
        return result.kind
      }
      for (const [at, write] of writes.entries())
        write.existed = result.existed === '' ? (write.existed ?? false) : result.existed[at] === '1'
      if (isNew) {
        workspaces.note({ ...known, generation: token })
        await index.settleAfterCommit(workspace)
      }
      const { generation } = known
      sources.cache.forget(writes.map(({ table, key }) => `${workspace}\n${generation}\n${table}\n${key}`))
      if (result.figures) sizes.note(workspace, known.seed, result.figures)
      const done = { isWhole: isNew, changes: transaction.writes.changes() }
      await listeners.settle(workspace, done, own && { own, events })
      return 'ok'
    } catch (error) {
      if (own) events.forget(own)
      throw error
    }
  }

  /** Drops stale cache entries before the next attempt. */
  #again({ workspace }: Known, { cached }: Transaction, why: CommitResult['kind']): { kind: 'again' } | { kind: 'locked' } {
    if (why === 'locked') return locked
    this.#parts.sources.cache.forget(cached)
    if (why === 'moved') this.#parts.workspaces.forget(workspace)
    return { kind: 'again' }
  }

  async #oneByOne<T>(workspace: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(workspace)
    const mine = before ? before.then(work, work) : work()
    this.#last.set(workspace, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(workspace) === mine) this.#last.delete(workspace)
    }
  }
}

type Attempt<T> = { kind: 'done'; committed: Committed<T> } | { kind: 'again' } | { kind: 'locked' }
type Outcome<T> = { value: T } | { error: unknown }

async function run<T>(work: (rows: Rows) => Promise<T>, transaction: Transaction): Promise<Outcome<T>> {
  try {
    return { value: await work(transaction) }
  } catch (error) {
    return { error }
  }
}

const locked = { kind: 'locked' } as const

const isSettings: ReadonlySet<string> = new Set(settingsTables)

/** True for the sandbox's own tables, whose changes are published to every process. */
function isOfSandbox(table: string): boolean {
  return table.startsWith('sandbox.') || table.startsWith('registry.')
}

function sandboxChanges(writes: readonly Write[]): Change[] {
  return writes
    .filter(({ table }) => isOfSandbox(table))
    .map(({ table, key, row }) => (row ? { table, key, change: 'changed', row } : { table, key, change: 'removed' }))
}

function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms))
}

const attemptsWithoutLock = 3
const longestPauseMs = 50
/** Time after which a transaction with permanent conflicts fails. */
const timeoutMs = 10_000
