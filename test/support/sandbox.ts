import { randomUUID } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { configSchema, type Config } from '../../src/sandbox/config.js'
import type { Vendor } from '../../src/contract.js'
import { openSandbox, type Sandbox } from '../../src/sandbox/sandbox.js'
import { checkSeed, mergeSeeds, onlyTables, type Seed } from '../../src/seed/document.js'
import { defaultSeedFile, readSeedFiles } from '../../src/seed/files.js'
import { visibleTables } from '../../src/workspace/tables.js'
import * as roster from '../../src/vendors/index.js'

/** An in-process sandbox for one test. It keeps its rows in memory and is closed when the test ends. */
export interface TestSandbox extends Sandbox {
  /** Sends a request to a path or a URL without a socket. */
  ask(target: string, init?: RequestInit): Promise<Response>
  /** Returns the rows of a table in the order in which they were written. */
  rows(vendor: string, table: string): Promise<Record<string, unknown>[]>
  /** Sends a control call, which must succeed, and returns its JSON. */
  control(method: string, path: string, body?: unknown): Promise<unknown>
  /** Reports of the sandbox. A test during which it reports a bug fails. */
  reports: string[]
}

/** Options for a test sandbox: settings, a seed document in place of the default seed, other vendors. */
export interface SandboxWishes extends Partial<Config> {
  seedDocument?: unknown
  roster?: readonly Vendor[]
}

/** Opens a sandbox with the default seed, or with the seed document of the test. */
export async function aSandbox({ seedDocument, roster: wished, ...config }: SandboxWishes = {}): Promise<TestSandbox> {
  const vendors = wished ?? Object.values(roster)
  const seed = seedDocument !== undefined ? seedOf(seedDocument, vendors) : await (wished ? defaultSeed(vendors) : packagedSeed())
  const reports: string[] = []
  const sandbox = await openSandbox({
    config: configSchema.parse({ memory: true, ...sharedStore(config), ...config }),
    vendors,
    seed,
    report: (message) => reports.push(message),
  })
  const ask = (target: string, init?: RequestInit) => sandbox.fetch(new Request(new URL(target, 'http://127.0.0.1:4010'), init))
  const control = async (method: string, path: string, body?: unknown) => {
    const reply = await ask(`/_sandbox/${path}`, body === undefined ? { method } : { method, body: JSON.stringify(body) })
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`)
    return reply.status === 204 ? undefined : reply.json()
  }
  onTestFinished(async () => {
    await sandbox.close()
    const bugs = reports.filter((message) => message.startsWith('Bug '))
    if (bugs.length > 0) throw new Error(bugs.join('\n'))
  })
  return {
    ...sandbox,
    ask,
    control,
    reports,
    async rows(vendor, table) {
      const page = (await control('GET', `tables/${vendor}/${table}?limit=1000`)) as { rows: { row: Record<string, unknown> }[] }
      return page.rows.map(({ row }) => row)
    },
  }
}

/** Returns a POST with a JSON body. */
export function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

/** Returns a POST with a form body. */
export function form(fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  }
}

/** Returns the shared store if the project runs over one, unless the test chooses a store. */
function sharedStore(config: Partial<Config>): Partial<Config> {
  const url = inject('sharedStore') as string | undefined
  if (url === undefined || config.memory !== undefined || config.data !== undefined || config.store !== undefined) return {}
  return { store: `${url}?prefix=t-${randomUUID()}` }
}

/** Default seed of all packaged vendors: read and checked once, which takes longer than to open a sandbox. Frozen, because tests share it. */
function packagedSeed(): Promise<Seed> {
  return (packaged ??= defaultSeed(Object.values(roster)).then(frozen))
}

let packaged: Promise<Seed> | undefined

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value))
    for (const part of value instanceof Map ? value.values() : Object.values(value)) frozen(part)
  return Object.freeze(value)
}

async function defaultSeed(vendors: readonly Vendor[]): Promise<Seed> {
  const all = [...Object.values(roster), ...vendors]
  const files = await readSeedFiles([defaultSeedFile], visibleTables(all), all)
  const wrong = files.flatMap((file) => (file.ok ? [] : file.errors))
  if (wrong.length > 0) throw new Error(JSON.stringify(wrong))
  return onlyTables(mergeSeeds(files.flatMap((file) => (file.ok ? [file.seed] : []))), visibleTables(vendors))
}

function seedOf(document: unknown, vendors: readonly Vendor[]): Seed {
  const checked = checkSeed(document, visibleTables(vendors), vendors)
  if (!checked.ok) throw new Error(JSON.stringify(checked.errors))
  return checked.seed
}
