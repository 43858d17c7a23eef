import type { Table } from '../../kernel/table.js'
import { indexValues } from '../rows/seed.js'
import { StorageFull, StoreUnavailable } from '../store.js'
import { indexEntry, type Known } from './base-rows.js'
import type { Client } from './connect.js'
import type { Batching } from './batching.js'
import { isUncertain, storeFailure } from './failures.js'
import { hashKey } from './keys.js'
import { runRaw, script } from './run-script.js'
import { commitScript } from './scripts.js'
import type { Read } from './transaction.js'
import type { Write } from './writes.js'

/** A try of a transaction as it goes to Redis. */
export interface CommitOrder {
  known: Known
  /** `w` writes, `c` only checks what was read, `b` fills a generation that is not in force yet. */
  mode: 'w' | 'c' | 'b'
  /** Who holds the workspace's lock, if this one does. */
  holder: string
  /** What a workspace that is not there gets as its generation, or the one that is filled. */
  fresh: string
  /** Version of everything that is written; never given twice. */
  token: string
  isSetting: boolean
  /** Told to all processes with the commit. */
  message: string
  reads: Iterable<Read>
  writes: readonly Write[]
}

/** What came of it. */
export type CommitResult =
  | { kind: 'ok'; existed: string; figures?: { rows: number; bytes: number } }
  /** Something it read has changed. */
  | { kind: 'conflict' }
  /** The rows were exchanged as a whole. */
  | { kind: 'moved' }
  /** Somebody else commits alone for a moment. */
  | { kind: 'locked' }

/** What sending takes. */
export interface CommitParts {
  client: Client
  batching: Batching
  tables: ReadonlyMap<string, Table>
  /** Where commits are told. */
  channel: string
  /** Resolves when the connection is back; false when it does not come back soon. */
  whenBack: () => Promise<boolean>
}

const commit = script(commitScript)

/** Sends commits to Redis; those of one workspace that end in one turn of the event loop travel together. */
export class Commits {
  readonly #parts: CommitParts
  readonly #waiting = new Map<string, Waiting[]>()

  constructor(parts: CommitParts) {
    this.#parts = parts
  }

  /** @throws StoreUnavailable, StorageFull, and nothing was written as far as can be known */
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
      if (args.length > mostArguments) throw new StorageFull('One change of so many rows is more than Redis takes; make it in several.')
      const replies = (await runRaw(this.#parts.client, commit, head, args)) as [string, string, number, number][]
      for (const [at, { resolve }] of queue.entries()) resolve(resultOf(replies[at]!))
    } catch (error) {
      await this.#fail(queue, error)
    }
  }

  /** A connection that broke may have broken after the commit: what was written tells. */
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
    const value = await this.#parts.client.hget(hash, first.key)
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

  /** Index entries of a row; from its text, as whoever wrote the row may have changed its object since. */
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
/** Redis takes a little more than a million. */
const mostArguments = 900_000
