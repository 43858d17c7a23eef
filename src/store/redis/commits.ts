import type { Table } from '../../kernel/table.js'
import { indexValues } from '../rows/seed.js'
import { StorageFull, StoreUnavailable } from '../store.js'
import { indexEntry, type Known } from './base-rows.js'
import type { Client } from './connect.js'
import type { Batching } from './batching.js'
import { isUncertain, storeFailure } from './failures.js'
import { hashKey } from './keys.js'
import { runRaw, script, withStoreErrors } from './run-script.js'
import { commitScript } from './scripts.js'
import type { Read } from './transaction.js'
import type { Write } from './writes.js'

/** One attempt of a transaction, as it is sent to Redis. */
export interface CommitOrder {
  known: Known
  /** `w` writes, `c` only checks the reads, `b` fills a generation that is not current yet. */
  mode: 'w' | 'c' | 'b'
  /** Holder of the workspace's lock if this process holds it, else empty. */
  holder: string
  /** Generation of a workspace that is made or filled. */
  fresh: string
  /** Unique version of everything that is written. */
  token: string
  isSetting: boolean
  /** Published to all processes with the commit. */
  message: string
  reads: Iterable<Read>
  writes: readonly Write[]
}

/** Result of a commit. */
export type CommitResult =
  | { kind: 'ok'; existed: string; figures?: { rows: number; bytes: number } }
  /** A row that it read has changed. */
  | { kind: 'conflict' }
  /** The whole workspace was replaced. */
  | { kind: 'moved' }
  /** Another process holds the lock of the workspace. */
  | { kind: 'locked' }

/** Options for `Commits`. */
export interface CommitParts {
  client: Client
  batching: Batching
  tables: ReadonlyMap<string, Table>
  /** Channel on which commits are published. */
  channel: string
  /** Resolves to true when the connection is back, and to false after a timeout. */
  whenBack: () => Promise<boolean>
}

const commit = script(commitScript)

/** Sends commits to Redis. Those of one workspace that end in one turn of the event loop share a round trip. */
export class Commits {
  readonly #parts: CommitParts
  readonly #waiting = new Map<string, Waiting[]>()

  constructor(parts: CommitParts) {
    this.#parts = parts
  }

  /** @throws StoreUnavailable, StorageFull, with nothing written as far as is known */
  send(order: CommitOrder): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      const { head } = order.known
      if (this.#waiting.size === 0) this.#parts.batching.schedule(() => this.#flush())
      const queue = this.#waiting.get(head)
      const waiting = { order, resolve, reject }
      if (queue) queue.push(waiting)
      else this.#waiting.set(head, [waiting])
    })
  }

  #flush(): void {
    const queues = [...this.#waiting]
    this.#waiting.clear()
    for (const [head, queue] of queues) {
      for (let at = 0; at < queue.length; at += mostTogether)
        void this.#parts.batching.track(this.#deliver(head, queue.slice(at, at + mostTogether)))
    }
  }

  async #deliver(head: string, queue: Waiting[]): Promise<void> {
    try {
      const args: string[] = [String(queue.length)]
      for (const { order } of queue) this.#encode(order, args)
      if (args.length > mostArguments)
        throw new StorageFull('One change of this many rows is more than one Redis script takes. Make it in several.')
      const replies = (await runRaw(this.#parts.client, commit, head, args)) as [string, string, number, number][]
      for (const [at, { resolve }] of queue.entries()) resolve(resultOf(replies[at]!))
    } catch (error) {
      await this.#fail(queue, error)
    }
  }

  /** Handles a failed command. A connection may break after the commit, so the written version is read to find out. */
  async #fail(queue: Waiting[], error: unknown): Promise<void> {
    const isBack = isUncertain(error) && (await this.#parts.whenBack())
    for (const { order, resolve, reject } of queue) {
      try {
        if (isBack && (await this.#isWritten(order))) resolve({ kind: 'ok', existed: '' })
        else reject(storeFailure(error))
      } catch (further) {
        reject(further instanceof Error ? further : new StoreUnavailable(String(further)))
      }
    }
  }

  async #isWritten({ known, fresh, token, writes }: CommitOrder): Promise<boolean> {
    const [first] = writes
    if (!first) return false
    const hash = hashKey(known.head, known.generation || fresh, `t:${first.table}`)
    const value = await withStoreErrors(this.#parts.client.hget(hash, first.key))
    return value?.startsWith(`${token} `) ?? false
  }

  #encode({ known, mode, holder, fresh, token, isSetting, message, reads, writes }: CommitOrder, args: string[]): void {
    const length = args.push('') - 1
    args.push(mode, holder, known.generation, fresh, known.seed.fingerprint, token, isSetting ? '1' : '', this.#parts.channel, message)
    const count = args.push('') - 1
    let number = 0
    for (const { kind, table, key, version } of reads) {
      args.push(kind, table, key, version)
      number++
    }
    args[count] = String(number)
    args.push(String(writes.length))
    for (const { table, key, text, isMoved } of writes) {
      const place = known.seed.tables.get(table)?.position(key)
      const entries = text === '' ? [] : this.#entries(table, text)
      args.push(table, key, place === undefined ? '' : String(place).padStart(placeDigits, '0'), isMoved ? '1' : '', text)
      args.push(String(entries.length), ...entries)
    }
    args[length] = String(args.length - length - 1)
  }

  /** Index entries of a row, from its JSON, because the caller may have changed the object since. */
  #entries(table: string, text: string): string[] {
    const indexes = Object.entries(this.#parts.tables.get(table)?.indexes ?? {})
    if (indexes.length === 0) return []
    const row = JSON.parse(text) as Parameters<typeof indexValues>[1]
    return indexes.flatMap(([name, index]) => indexValues(index, row).map((value) => indexEntry(name, value)))
  }
}

interface Waiting {
  order: CommitOrder
  resolve(result: CommitResult): void
  reject(error: Error): void
}

function resultOf([kind, existed, rows, bytes]: [string, string, number, number]): CommitResult {
  if (kind !== 'ok') return { kind: kind as 'conflict' | 'moved' | 'locked' }
  return { kind, existed, ...(rows !== undefined && { figures: { rows, bytes } }) }
}

const placeDigits = 12
const mostTogether = 128
/** Redis accepts a little more than a million arguments. */
const mostArguments = 900_000
