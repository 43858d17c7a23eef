import type { LogEntry, LogPage, SharedLog } from '../store.js'
import type { Client } from './connect.js'
import { deferred, type Deferred } from './deferred.js'
import type { Keyspace } from './keys.js'
import { run, script } from './run-script.js'
import { appendScript, clearScript, readScript } from './log-scripts.js'
import { setImmediate } from '../../kernel/timers.js'

const append = script(appendScript)
const read = script(readScript)
const clear = script(clearScript)

/** Options for `redisLog`. */
export interface LogParts {
  client: Client
  /** Connection that receives the messages. */
  listener: Client
  keys: Keyspace
  replica: number
  token: () => string
}

/** Opens the shared traffic log. Entries of one workspace that end in one turn of the event loop share a round trip. */
export function redisLog({ client, listener, keys, replica, token }: LogParts): SharedLog {
  const waiting = new Map<string, Waiting>()
  const listeners = new Map<string, Set<() => void>>()
  const channelOf = (workspace: string) => `${keys.prefix}:log:${workspace}`
  listener.on('message', (channel: string) => {
    for (const wake of listeners.get(channel) ?? []) wake()
  })
  // Entries appended while the connection was down are found by reading.
  listener.on('ready', () => {
    for (const [channel, wakes] of listeners) {
      listener.subscribe(channel).then(
        () => wakes.forEach((wake) => wake()),
        () => {},
      )
    }
  })

  const flush = async (workspace: string, { entries, limits, done }: Waiting) => {
    const last = Math.max(...entries.map(({ number }) => number))
    const args: (string | number)[] = [token(), channelOf(workspace), limits.entries, limits.bytes, mostWeight, replica, last]
    for (const { data, size, count } of entries) args.push(data, size, count.exact, count.coarse, count.weight)
    await run(client, append, keys.head(workspace), args).then(() => done.resolve(), done.reject)
  }

  return {
    append(workspace, entry, limits) {
      const known = waiting.get(workspace)
      if (known) {
        known.entries.push(entry)
        return known.done.promise
      }
      const batch = { entries: [entry], limits, done: deferred<void>() }
      waiting.set(workspace, batch)
      setImmediate(() => {
        waiting.delete(workspace)
        void flush(workspace, batch)
      })
      return batch.done.promise
    },
    async read(workspace, { epoch, place, withCounts }) {
      const args = [epoch, place, withCounts ? '1' : '', entriesAtOnce]
      // Shape of the reply of the script.
      return pageOf((await run(client, read, keys.head(workspace), args)) as RawPage)
    },
    async clear(workspace) {
      await run(client, clear, keys.head(workspace), [token(), channelOf(workspace)])
    },
    listen(workspace, wake) {
      const channel = channelOf(workspace)
      const wakes = listeners.get(channel) ?? new Set()
      listeners.set(channel, wakes.add(wake))
      // Entries appended before the subscription was active are found by reading once more.
      if (wakes.size === 1) listener.subscribe(channel).then(wake, () => {})
      return () => {
        wakes.delete(wake)
        if (wakes.size > 0 || listeners.get(channel) !== wakes) return
        listeners.delete(channel)
        listener.unsubscribe(channel).catch(() => {})
      }
    },
  }
}

interface Waiting {
  entries: LogEntry[]
  limits: { entries: number; bytes: number }
  done: Deferred<void>
}

type RawPage = [string, string[], number, string, [string, string[]][], string[] | null]

function pageOf([epoch, rawState, kept, oldest, entries, counts]: RawPage): LogPage {
  const state = pairs(rawState)
  const last = Number(state.get('n') ?? 0)
  return {
    epoch,
    last,
    dropped: last - Number(state.get('z') ?? 0) - kept,
    oldest: oldest === '' ? last + 1 : Number.parseInt(oldest, 10),
    entries: entries.map(([id, fields]) => ({ place: Number.parseInt(id, 10), data: fields[3]! })),
    numbers: new Map(
      [...state].flatMap(([name, value]) => (name.startsWith('r:') ? [[Number(name.slice(2)), Number(value)] as const] : [])),
    ),
    ...(counts && { counts: new Map([...pairs(counts)].map(([name, value]) => [name, Number(value)])) }),
  }
}

function pairs(flat: readonly string[]): Map<string, string> {
  const map = new Map<string, string>()
  for (let at = 0; at < flat.length; at += 2) map.set(flat[at]!, flat[at + 1]!)
  return map
}

const entriesAtOnce = 200
/** Limit of the weight of all paths that are counted exactly in one workspace. */
const mostWeight = 1_000_000
