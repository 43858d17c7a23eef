import type { Dump, KeyedRow } from '../store.js'
import { StoreUnavailable } from '../store.js'
import type { Client } from './connect.js'
import type { BaseRows, Known } from './base-rows.js'
import { Moved } from './failures.js'
import { hashKey } from './keys.js'
import { run, script, withStoreErrors } from './run-script.js'
import type { Reader } from './reader.js'
import { shared } from './scripts.js'
import type { RetryLoopParts } from './retry-loop.js'
import type { Write } from './writes.js'
import { setTimeout } from '../../kernel/timers.js'

/** Makes a filled or empty generation the current one and deletes the one before; with `make` only if the workspace does not exist. Returns 1 with its sizes, or 0. */
const turn = script(`${shared}
local mode, fresh, seed, token, channel, message = unpack(ARGV)
local old = redis.call('HGET', head, 'g')
if old and mode == 'make' then return {0} end
local base = head .. ':' .. fresh .. ':'
for _, field in ipairs(redis.call('HKEYS', base .. 'm')) do
  if string.sub(field, 1, 2) == 't:' then
    for _, part in ipairs({'t:', 'o:', 'i:'}) do redis.call('PERSIST', base .. part .. string.sub(field, 3)) end
  end
end
redis.call('PERSIST', base .. 'm')
redis.call('HSET', head, 'g', fresh, 'seed', seed, 's', token)
if old then unlink(old) end
if message ~= '' then redis.call('PUBLISH', channel, message) end
local figures = redis.call('HMGET', base .. 'm', 'rows', 'bytes')
return {1, figures[1] or '0', figures[2] or '0'}
`)

/** Deletes a workspace with everything it holds. Returns 0 if it does not exist. */
const drop = script(`${shared}
local channel, message = unpack(ARGV)
local old = redis.call('HGET', head, 'g')
redis.call('UNLINK', head .. ':snapshots', head .. ':log', head .. ':log:state', head .. ':log:counts')
if not old then return 0 end
unlink(old)
redis.call('UNLINK', head, head .. ':lock')
redis.call('PUBLISH', channel, message)
return 1
`)

/** Operations on a whole workspace: make, drop, reset, replace and dump. */
export class WholeWorkspace {
  readonly #parts: RetryLoopParts & { client: Client; reader: Reader; base: BaseRows; channel: string }

  constructor(parts: RetryLoopParts & { client: Client; reader: Reader; base: BaseRows; channel: string }) {
    this.#parts = parts
  }

  async make(workspace: string): Promise<boolean> {
    if (await this.#parts.reader.head(workspace)) return false
    return this.#turn(this.#absent(workspace), 'make')
  }

  async reset(workspace: string): Promise<void> {
    await this.#turn(this.#absent(workspace), 'reset')
  }

  async drop(workspace: string): Promise<boolean> {
    const { client, events, listeners, workspaces, index, sizes, token } = this.#parts
    const done = { isWhole: true, changes: [] }
    const own = events.announce(workspace, token(), done)
    try {
      const { head } = this.#absent(workspace)
      const wasThere = (await run(client, drop, head, [this.#parts.channel, own.message])) === 1
      workspaces.forget(workspace)
      sizes.forget(workspace)
      await index.settle(workspace)
      if (wasThere) await listeners.settle(workspace, done, { own, events })
      return wasThere
    } finally {
      events.forget(own)
    }
  }

  /** Makes a workspace hold exactly these rows. They are written as a new generation, which then becomes the current one atomically. */
  async replace(workspace: string, dump: Dump): Promise<void> {
    const { workspaces, commits, token } = this.#parts
    // Its seed stays the one it was filled from.
    workspaces.forget(workspace)
    const before = await workspaces.known(workspace)
    const fresh = { ...before, generation: token() }
    for (const writes of chunks(differences(before, dump))) {
      await commits.send({
        known: fresh,
        mode: 'b',
        holder: '',
        fresh: fresh.generation,
        token: token(),
        isSetting: false,
        message: '',
        reads: [],
        writes,
      })
    }
    await this.#turn(fresh, 'replace')
  }

  /** Reads all rows of one consistent state. */
  async dump(workspace: string): Promise<Dump> {
    const { locks, token } = this.#parts
    for (let tries = 0; tries < mostAttempts; tries++) {
      const dump = await this.#read(workspace)
      if (dump) return dump
    }
    // Other processes write all the time, so lock them out.
    const holder = token()
    for (let tries = 0; tries < mostAttempts; tries++) {
      const isLocked = await locks.take(workspace, holder)
      try {
        const dump = isLocked ? await this.#read(workspace) : undefined
        if (dump) return dump
      } finally {
        if (isLocked) await locks.release(workspace, holder)
      }
      await new Promise((resume) => setTimeout(resume, retryMs))
    }
    throw new StoreUnavailable(`Workspace "${workspace}" changes too fast to be read in one consistent state.`)
  }

  /** Reads all rows; `undefined` if they changed meanwhile. */
  async #read(workspace: string): Promise<Dump | undefined> {
    const { client, workspaces, base } = this.#parts
    workspaces.forget(workspace)
    const known = await workspaces.known(workspace)
    if (known.generation === '') return {}
    const figures = hashKey(known.head, known.generation, 'm')
    const version = await withStoreErrors(client.hget(figures, 'v'))
    const tables = (await withStoreErrors(client.hkeys(figures))).flatMap((field) => (field.startsWith('t:') ? [field.slice(2)] : []))
    const dump: Dump = {}
    try {
      for (const table of new Set([...known.seed.tables.keys(), ...tables])) {
        const rows: KeyedRow[] = []
        for (let after = -1; ;) {
          const page = await base.page(known, table, { after, limit: pageRows })
          for (const { key, base: found } of page.rows) rows.push({ key, row: found.row() })
          const last = page.rows.at(-1)?.base.place
          if (last === undefined || page.rows.length < pageRows) break
          after = last
        }
        if (rows.length > 0) dump[table] = rows
      }
    } catch (error) {
      if (error instanceof Moved) return undefined
      throw error
    }
    const head = await this.#parts.reader.head(workspace)
    const isSame = head?.generation === known.generation && (await withStoreErrors(client.hget(figures, 'v'))) === version
    return isSame ? dump : undefined
  }

  async #turn(known: Known, mode: 'make' | 'reset' | 'replace'): Promise<boolean> {
    const { client, events, listeners, seeds, index, workspaces, sizes, token } = this.#parts
    const { workspace, head, seed } = known
    const generation = known.generation || token()
    const done = { isWhole: true, changes: [] }
    const own = events.announce(workspace, generation, done)
    try {
      await seeds.save()
      await index.add(workspace)
      const args = [mode, generation, seed.fingerprint, generation, this.#parts.channel, own.message]
      const [isDone, rows, bytes] = (await run(client, turn, head, args)) as [number, string, string]
      await index.settleAfterCommit(workspace)
      if (isDone !== 1) return false
      workspaces.note({ ...known, generation })
      sizes.note(workspace, seed, { rows: Number(rows), bytes: Number(bytes) })
      await listeners.settle(workspace, done, { own, events })
      return true
    } finally {
      events.forget(own)
    }
  }

  /** A workspace before it is made. */
  #absent(workspace: string): Known {
    const { seeds, workspaces } = this.#parts
    return { workspace, head: workspaces.headOf(workspace), generation: '', seed: seeds.startOf(workspace) }
  }
}

/** Writes that turn a seed into exactly these rows in this order. Rows of the seed stay while both have the same order. */
function* differences({ seed }: Known, dump: Dump): Generator<Write> {
  for (const table of new Set([...seed.tables.keys(), ...Object.keys(dump)])) {
    const seedTable = seed.tables.get(table)
    const rows = dump[table] ?? []
    const inPlace = new Set<string>()
    let last = -1
    for (const { key } of rows) {
      const position = seedTable?.position(key)
      if (position === undefined || position <= last) break
      inPlace.add(key)
      last = position
    }
    const write = { table, isMoved: false, existed: undefined, turn: 0 }
    for (const { key } of seedTable?.rows ?? []) if (!inPlace.has(key)) yield { ...write, key, row: undefined, text: '' }
    for (const { key, row } of rows) {
      const text = JSON.stringify(row)
      const seeded = inPlace.has(key) ? seedTable?.rows[seedTable.position(key)!] : undefined
      if (!seeded || JSON.stringify(seeded.row) !== text) yield { ...write, key, row, text }
    }
  }
}

function* chunks(writes: Iterable<Write>): Generator<Write[]> {
  let chunk: Write[] = []
  let size = 0
  for (const write of writes) {
    chunk.push(write)
    size += write.text.length
    if (chunk.length < chunkRows && size < chunkCharacters) continue
    yield chunk
    chunk = []
    size = 0
  }
  if (chunk.length > 0) yield chunk
}

const chunkRows = 1_000
const chunkCharacters = 1_000_000
const pageRows = 5_000
const mostAttempts = 3
const retryMs = 100
