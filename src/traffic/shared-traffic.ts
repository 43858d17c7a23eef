import { withLargeNumbers, withLiterals } from '../kernel/json/as-sent.js'
import type { Verdict } from '../kernel/outcome.js'
import type { SharedLog } from '../store/store.js'
import { type Entry, readEntryId, sizeOf, Traffic, type TrafficLimits } from './traffic.js'
import { isUtf8 } from 'node:buffer'
import type { Head } from '../kernel/incoming.js'
import { performance } from '../kernel/timers.js'

/**
 * The traffic of a workspace that several processes answer for. Each writes what it answered into the shared log before the answer
 * is sent; readers first load the entries that other processes have added since.
 */
export class SharedTraffic extends Traffic {
  readonly #log: SharedLog
  readonly #workspace: string
  readonly #limits: TrafficLimits
  #epoch = ''
  /** Of the newest entry taken in. */
  #place = 0
  /** Counts hold up to this place. */
  #countedTo = 0
  #numbers: ReadonlyMap<number, number> = new Map()
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(workspace: string, limits: TrafficLimits, log: SharedLog) {
    super(limits)
    this.#workspace = workspace
    this.#limits = limits
    this.#log = log
  }

  /** Resolves when every process finds the entry. An answer goes out as well when the log cannot be reached. */
  override async record(entry: Entry): Promise<void> {
    const { vendor, head, path, reply, outcome, verdict, number } = entry
    const status = reply === null ? null : reply.status
    const count = {
      exact: JSON.stringify([vendor, head.method, path, status, outcome, verdict]),
      coarse: JSON.stringify([vendor, head.method, null, status, outcome, verdict]),
      weight: path.length + perPath,
    }
    const logged = { data: this.#limits.entries > 0 ? textOf(entry) : '', size: sizeOf(entry), number, count }
    await this.#log.append(this.#workspace, logged, this.#limits).catch(() => undefined)
  }

  override async clear(): Promise<void> {
    await this.#log.clear(this.#workspace)
    await this.catchUp()
  }

  override hasGiven(id: string): boolean {
    const given = readEntryId(id)
    return given !== undefined && given.number <= (this.#numbers.get(given.replica) ?? 0)
  }

  /** Takes in everything that was there when it was asked; those who ask meanwhile share the next look. */
  override catchUp(): Promise<void> {
    if (!this.#running) return this.#begin()
    this.#next ??= this.#running.then(
      () => this.#begin(),
      () => this.#begin(),
    )
    return this.#next
  }

  #begin(): Promise<void> {
    this.#next = undefined
    const running = this.#pull().finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }

  async #pull(): Promise<void> {
    let withCounts = false
    for (;;) {
      const page = await this.#log.read(this.#workspace, { epoch: this.#epoch, place: this.#place, withCounts })
      const isNewEpoch = page.epoch !== this.#epoch
      if (isNewEpoch) {
        this.empty()
        this.#epoch = page.epoch
        this.#place = 0
      }
      const missed = (page.entries[0]?.place ?? page.last + 1) - this.#place - 1
      if (missed > 0 && !isNewEpoch) this.skip(missed)
      if (page.counts) {
        this.counters.load([...page.counts].map(([key, count]) => countOf(key, count)))
        this.#countedTo = page.last
      }
      // Counts of entries that were dropped unseen are only in the log.
      withCounts = missed > 0 && !page.counts
      for (const { place, data } of page.entries) {
        const entry = parseEntry(data, place)
        if (place > this.#countedTo) this.counters.add(entry)
        this.keep(entry)
        this.#place = place
      }
      if (page.entries.length === 0) this.#place = Math.max(this.#place, page.last)
      this.trim(this.#place - page.oldest + 1)
      this.dropped = page.dropped
      this.#numbers = page.numbers
      if (!withCounts && this.#place >= page.last) return
    }
  }
}

function countOf(key: string, count: number) {
  // Written by `record` alone.
  const [vendor, method, path, status, outcome, verdict] = JSON.parse(key) as CountKey
  return { vendor, method, path, status, outcome, verdict, count }
}

const perPath = 100

type CountKey = [vendor: string | null, method: string, path: string | null, status: number | null, outcome: string, verdict: Verdict]

/** Serializes an entry as JSON for other processes; bodies as strings if they are UTF-8. */
function textOf(entry: Entry): string {
  const { body, reply, startedMs, number: _number, ...rest } = entry
  const said: Said = {
    ...rest,
    expected: withLiterals(rest.expected) as Entry['expected'],
    revealed: withLiterals(rest.revealed) as Entry['revealed'],
    // `performance.now()` starts at a different time in each process.
    startedAt: performance.timeOrigin + startedMs,
    body: bytesAsText(body),
    reply: reply && {
      status: reply.status,
      headers: reply.headers,
      body: typeof reply.body === 'string' ? reply.body : bytesAsText(reply.body),
    },
  }
  return JSON.stringify(said)
}

/** Parses an entry of another process; `number` is its place in the order of all. */
function parseEntry(text: string, number: number): Entry {
  // Written by `textOf` alone.
  const { startedAt, body, reply, ...rest } = JSON.parse(text) as Said
  return {
    // Absent in entries of an earlier version.
    asked: [],
    ...rest,
    expected: withLargeNumbers(rest.expected) as Entry['expected'],
    revealed: withLargeNumbers(rest.revealed) as Entry['revealed'],
    number,
    startedMs: startedAt - performance.timeOrigin,
    body: textAsBytes(body),
    reply: reply && { ...reply, body: typeof reply.body === 'string' ? reply.body : textAsBytes(reply.body) },
  }
}

interface Said extends Omit<Entry, 'number' | 'startedMs' | 'body' | 'reply' | 'asked'> {
  asked?: Entry['asked']
  head: Head
  /** Unix milliseconds. */
  startedAt: number
  body: BytesText
  reply: { status: number; headers: NonNullable<Entry['reply']>['headers']; body: string | BytesText } | null
}

/** Bytes: `u` as text, `b` in Base64. */
type BytesText = { u: string } | { b: string }

function bytesAsText(bytes: Uint8Array): BytesText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return isUtf8(bytes) ? { u: buffer.toString() } : { b: buffer.toString('base64') }
}

function textAsBytes(text: BytesText): Uint8Array {
  return 'u' in text ? Buffer.from(text.u) : Buffer.from(text.b, 'base64')
}
