import { allRows, control } from './client.js'
import { gamer, kinds, whale, type Kind } from './calls.js'
import { noWrongs, type Wrongs } from './trial.js'

/** State of a sent id as the client knows it: `unknown` if the answer was lost, so that the row may exist or not. */
type Fate = 'acknowledged' | 'refused' | 'unknown'

interface Entry {
  kind: Kind
  fate: Fate
  /** An answer was lost since the rows were looked at last, so that a refusal afterwards says nothing. */
  isCut: boolean
  /** It was answered with 500 or more since the rows were looked at last, which leaves open if it was recorded. */
  hasFailed: boolean
  /** Time of the first acknowledgement, of `performance.now()`. */
  acknowledgedAt?: number
}

/** Options for a ledger. */
export interface LedgerOptions {
  /**
   * True if a reply of 500 or more leaves open whether the call was recorded, as with a store behind a network: the connection may break
   * after the commit. Else such a call must have left no row.
   */
  failuresAreOpen?: boolean
}

/** Calls sent and answered, for comparison with the rows of the sandbox. */
export class Ledger {
  readonly #entries = new Map<string, Entry>()
  /** Ids that may be sent again. */
  readonly #repeatable: string[] = []
  readonly wrongs: Wrongs = noWrongs()
  readonly #counts = { sent: 0, acknowledged: 0, refused: 0, unanswered: 0, failed: 0, recordedAllTheSame: 0, lostInFailover: 0 }
  readonly #failuresAreOpen: boolean
  #next = 0

  constructor({ failuresAreOpen = false }: LedgerOptions = {}) {
    this.#failuresAreOpen = failuresAreOpen
  }

  /** Number of calls by result. */
  get counts(): Readonly<Counts> {
    return this.#counts
  }

  /** An id that was never sent. */
  fresh(kind: Kind): string {
    const id = `torture-${(this.#next += 1)}`
    this.#entries.set(id, { kind, fate: 'unknown', isCut: false, hasFailed: false })
    return id
  }

  /** An id that was sent and settled before, taken out until it is settled again; undefined where there is none. */
  again(random: number): { id: string; kind: Kind } | undefined {
    const at = Math.floor(random * this.#repeatable.length)
    const id = this.#repeatable[at]
    if (id === undefined) return undefined
    this.#repeatable[at] = this.#repeatable.at(-1)!
    this.#repeatable.pop()
    const entry = this.#entries.get(id)!
    // A call that is sent again may be recorded afterwards, also if it was missing before.
    if (entry.fate === 'refused') entry.fate = 'unknown'
    return { id, kind: entry.kind }
  }

  /** Takes in an answer; undefined means that none came. */
  settle(id: string, answer: { status: number; text: string } | undefined): void {
    const entry = this.#entries.get(id)!
    const { kind } = entry
    this.#counts.sent += 1
    if (kind.repeats) this.#repeatable.push(id)
    if (!answer) {
      this.#counts.unanswered += 1
      entry.isCut = true
      return
    }
    if (kind.accepts(answer.status, answer.text)) {
      this.#counts.acknowledged += 1
      if (kind.name === 'refused teak') this.wrongs.unclean.push(`${id} was accepted with a wrong secret`)
      entry.fate = 'acknowledged'
      entry.acknowledgedAt ??= performance.now()
      return
    }
    if (answer.status >= 500 && this.#failuresAreOpen) {
      this.#counts.failed += 1
      entry.hasFailed = true
      return
    }
    this.#counts.refused += 1
    if (entry.fate === 'unknown' && !entry.isCut && !entry.hasFailed) entry.fate = 'refused'
  }

  /** Ids that were acknowledged, of one kind or of all. */
  acknowledged(kind?: Kind): string[] {
    return [...this.#entries].flatMap(([id, entry]) => (entry.fate === 'acknowledged' && (!kind || entry.kind === kind) ? [id] : []))
  }

  /**
   * Compares with the rows that are there; an id whose answer was lost has one fate from here on. After a failover to a server that may
   * lag, calls that were acknowledged after `mayLoseSince` (of `performance.now()`) may be gone, and are counted.
   */
  async compare(url: string, { mayLoseSince = Infinity }: { mayLoseSince?: number } = {}): Promise<void> {
    const tables = new Set([...this.#entries.values()].map(({ kind }) => kind.table))
    const seen = new Map<string, number>()
    const rowsOf = new Map<string, Record<string, unknown>[]>()
    for (const table of tables) {
      const rows = await allRows(url, table)
      rowsOf.set(table, rows)
      const { idOf } = kinds.find((kind) => kind.table === table)!
      for (const row of rows) {
        const id = String(idOf(row))
        if (id.startsWith('torture-')) seen.set(id, (seen.get(id) ?? 0) + 1)
      }
    }
    for (const [id, entry] of this.#entries) this.#judge(id, entry, { count: seen.get(id) ?? 0, mayLoseSince })
    for (const id of seen.keys()) if (!this.#entries.has(id)) this.wrongs.unclean.push(`${id} is there and was never sent`)
    await this.#compareMoney(url, rowsOf)
  }

  #judge(id: string, entry: Entry, { count, mayLoseSince }: { count: number; mayLoseSince: number }): void {
    const what = `${entry.kind.name} ${id}`
    if (count === 0 && entry.fate === 'acknowledged' && entry.acknowledgedAt! >= mayLoseSince) {
      this.#counts.lostInFailover += 1
      entry.fate = 'refused'
      delete entry.acknowledgedAt
    }
    if (count > 1) this.wrongs.doubled.push(`${what} is there ${count} times`)
    if (count === 0 && entry.fate === 'acknowledged') this.wrongs.lost.push(`${what} was acknowledged and is gone`)
    if (count > 0 && entry.fate === 'refused') this.wrongs.unclean.push(`${what} was refused and is there`)
    if (entry.fate === 'unknown') {
      if (count > 0 && entry.hasFailed) this.#counts.recordedAllTheSame += 1
      if (count > 0) entry.acknowledgedAt = performance.now()
      entry.fate = count > 0 ? 'acknowledged' : 'refused'
    }
    entry.isCut = false
    entry.hasFailed = false
  }

  /** Sums that each purchase changes in the same transaction must agree with the purchases that are there. */
  async #compareMoney(url: string, rowsOf: ReadonlyMap<string, readonly Record<string, unknown>[]>): Promise<void> {
    const bought = rowsOf.get('ouya/purchases')
    if (bought) {
      const paid = bought.reduce((sum, row) => sum + Number(row['fromWallet']), 0)
      const { row } = (await control(url, 'GET', `tables/ouya/gamers/${gamer.username}`)) as { row: { balance?: number } }
      if (row.balance !== gamer.balance - paid) {
        this.wrongs.doubled.push(`the OUYA wallet holds ${row.balance} where ${gamer.balance} - ${paid} must be left`)
      }
    }
    const whaled = rowsOf.get('gameofwhales/purchases')?.filter((row) => row['user'] === whale.user).length ?? 0
    if (whaled === 0) return
    const { row } = (await control(url, 'GET', `tables/gameofwhales/users/${whale.game}%3A${whale.user}`)) as { row: { revenue?: number } }
    if (row.revenue !== whaled) this.wrongs.doubled.push(`the Game of Whales revenue is ${row.revenue} where ${whaled} purchases were made`)
  }
}

/** Number of calls by result. */
interface Counts {
  sent: number
  acknowledged: number
  refused: number
  unanswered: number
  /** Answered with 500 or more, where that leaves open if the call was recorded. */
  failed: number
  /** Of these, recorded. */
  recordedAllTheSame: number
  /** Acknowledged and gone after a failover. */
  lostInFailover: number
}

/** Gives the gamer of the load a wallet that lasts. */
export async function fillWallet(url: string): Promise<void> {
  const path = `tables/ouya/gamers/${gamer.username}`
  const { row } = (await control(url, 'GET', path)) as { row: object }
  await control(url, 'PUT', path, { ...row, balance: gamer.balance })
}
