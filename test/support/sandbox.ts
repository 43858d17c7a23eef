import { randomUUID } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { configSchema, type Config } from '../../src/sandbox/config.js'
import type { Vendor } from '../../src/contract.js'
import { openSandbox, type Sandbox } from '../../src/sandbox/sandbox.js'
import { checkSeed, mergeSeeds, onlyTables, type Seed } from '../../src/seed/document.js'
import { defaultSeedFile, readSeedFiles } from '../../src/seed/files.js'
import { visibleTables } from '../../src/workspace/tables.js'
import * as roster from '../../src/vendors/index.js'

/** A sandbox for one test, in memory and in process; it closes with the test. */
export interface TestSandbox extends Sandbox {
  /** In process, on a path or a whole URL. */
  ask(target: string, init?: RequestInit): Promise<Response>
  /** Rows of a table, first written first. */
  rows(vendor: string, table: string): Promise<Record<string, unknown>[]>
  /** A control call that must succeed, as JSON. */
  control(method: string, path: string, body?: unknown): Promise<unknown>
  /** What was said of our own bugs; a test that meets one fails when it closes. */
  reports: string[]
}

/** What a test may want different: settings, a seed of its own instead of the default one, other vendors. */
export interface SandboxWishes extends Partial<Config> {
  seedDocument?: unknown
  roster?: readonly Vendor[]
}

/** Opens a sandbox over the packaged default seed, or over a seed document of the test's own. */
export async function aSandbox({ seedDocument, roster: wished, ...config }: SandboxWishes = {}): Promise<TestSandbox> {
  const vendors = wished ?? Object.values(roster)
  const seed = seedDocument === undefined ? await defaultSeed(vendors) : seedOf(seedDocument, vendors)
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

/** A POST of JSON. */
export function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

/** A POST of a form. */
export function form(fields: Record<string, string>, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  }
}

/** The shared store, where the whole suite runs over one; tests of files on disk keep to their own. */
function sharedStore(config: Partial<Config>): Partial<Config> {
  const url = inject('sharedStore') as string | undefined
  if (url === undefined || config.memory !== undefined || config.data !== undefined || config.store !== undefined) return {}
  return { store: `${url}?prefix=t-${randomUUID()}` }
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
