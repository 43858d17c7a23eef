import { parseWithLargeNumbers } from '../kernel/json/as-sent.js'
import { Hono } from 'hono'
import type { ControlClient } from './control-client.js'
import { problemFrom } from './control-client.js'
import { describeVerification, VerificationFailed, type Expectation, type VerificationResult } from './verification.js'
import { allDeliveries } from './deliveries.js'
import { entriesOf } from './entries.js'
import { receiptsOf, type Receipts } from './receipts.js'
import { marketplaceOf, type MarketplaceControl } from './marketplace.js'
import type {
  ClientReport,
  ClockMove,
  ClockReading,
  Coverage,
  Delivery,
  FaultView,
  ProfileInput,
  RuleInput,
  SeedDocument,
  TrafficEntry,
  TrafficFilter,
} from './types.js'

/** An app that answers as the sandbox does. Values beside the request, such as those of a host app, are optional. */
export type SandboxApp = Hono<{ Bindings: object }>

/** A sandbox for tests, in this process or elsewhere. */
export interface TestSandbox {
  /** The Hono app that answers every request: ask it with `app.request`, or mount it with `hostApp.mount('/payments', sandbox.app.fetch)`. */
  readonly app: SandboxApp
  /** Base URL for a backend; for another workspace with its name in the path. */
  readonly url: string
  /** The address of one vendor. */
  urlFor(vendor: string): string
  /** Sends a request to `app` by path or whole URL; without a socket if the sandbox runs in this process. */
  fetch(target: string | URL | Request, init?: RequestInit): Promise<Response>
  readonly receipts: Receipts
  readonly faults: {
    /** Adds a fault; for a `profile` all faults of that set. */
    add(fault: RuleInput): Promise<FaultView>
    add(fault: ProfileInput): Promise<FaultView[]>
    list(): Promise<FaultView[]>
    clear(): Promise<void>
  }
  readonly clock: {
    get(): Promise<ClockReading>
    /** Sets the clock to this time; it runs on from there, or stands still if frozen. */
    set(now: Date | string | { now: Date | string; frozen?: boolean }, options?: { frozen?: boolean }): Promise<ClockMove>
    freeze(now?: Date | string): Promise<ClockMove>
    /** Milliseconds, or an ISO 8601 duration; what falls due fires before it resolves, and is listed. */
    advance(by: number | string | { ms: number } | { duration: string }): Promise<ClockMove>
    /** Back to real time. */
    reset(): Promise<void>
  }
  /** The simulated Google Play, App Store and Samsung stores. */
  readonly marketplace: MarketplaceControl
  /** Deliveries of webhooks and callbacks, first queued first. */
  webhooks(): Promise<Delivery[]>
  /** Outcomes that were met and those that never were; of this workspace, or of all. */
  coverage(options?: { workspaces?: 'all' }): Promise<Coverage>
  /** Habits of the client that a real service would suffer from. */
  report(): Promise<ClientReport>
  /** @throws VerificationFailed with the near misses */
  verify(expectation: Expectation): Promise<VerificationResult>
  seed(document: SeedDocument): Promise<Record<string, number>>
  /** Every row of a table, first written first. */
  rows(vendor: string, table: string): Promise<Record<string, unknown>[]>
  /**
   * Every kept request with its reply, newest first; a `limit` leaves out the oldest. `parsed` has plain numbers, as JSON.parse makes them;
   * the digits of a larger one are in `text`.
   */
  traffic(filter?: TrafficFilter): Promise<TrafficEntry[]>
  reset(): Promise<void>
  snapshot(name: string): Promise<void>
  restore(name: string): Promise<void>
  /** The same for another workspace. */
  workspace(name: string): TestSandbox
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Parts a test sandbox is made over. */
export interface TestSandboxParts {
  url: string
  app: SandboxApp
  client: (workspace: string | undefined) => ControlClient
  close: () => Promise<void>
}

/** Returns the sandbox for tests over any connection. */
export function testSandbox(parts: TestSandboxParts, workspace?: string): TestSandbox {
  const client = parts.client(workspace)
  const url = workspace === undefined ? parts.url : `${parts.url}/@${workspace}`
  const app = workspace === undefined ? parts.app : appOfWorkspace(parts.app, workspace)
  const sandbox: TestSandbox = {
    app,
    url,
    urlFor: (vendor) => `${url}/${vendor}`,
    fetch: async (target, init) => app.fetch(new Request(target instanceof Request ? target : new URL(target, parts.url), init)),
    receipts: receiptsOf(client),
    faults: {
      // The overloads return one fault for a rule and a list for a profile.
      add: (async (fault: RuleInput | ProfileInput) => {
        const made = await client.call<FaultView | { faults: FaultView[] }>('POST', 'faults', fault)
        return 'faults' in made ? made.faults : made
      }) as TestSandbox['faults']['add'],
      list: async () => (await client.call<{ faults: FaultView[] }>('GET', 'faults')).faults,
      clear: () => client.call('DELETE', 'faults'),
    },
    clock: {
      get: () => client.call('GET', 'clock'),
      set(time, options = {}) {
        const { now, frozen = false } = typeof time === 'object' && 'now' in time ? time : { now: time, ...options }
        return client.call('PUT', 'clock', { now: new Date(now).toISOString(), frozen })
      },
      async freeze(now) {
        return client.call('PUT', 'clock', {
          now: now === undefined ? (await sandbox.clock.get()).now : new Date(now).toISOString(),
          frozen: true,
        })
      },
      advance: (by) => client.call('POST', 'clock/advance', spanOf(by)),
      reset: () => client.call('DELETE', 'clock'),
    },
    marketplace: marketplaceOf(client),
    webhooks: () => allDeliveries(client),
    coverage: ({ workspaces } = {}) => client.call('GET', workspaces === undefined ? 'coverage' : `coverage?workspaces=${workspaces}`),
    report: () => client.call('GET', 'report'),
    async verify(expectation) {
      const reply = await client.send('POST', 'verify', { body: expectation })
      const text = await reply.text()
      if (![200, 409, 417].includes(reply.status)) throw problemFrom(reply, text, parts.url)
      const result = JSON.parse(text) as VerificationResult
      if (result.ok === true) return result
      // The message has the digits that were sent; the result has numbers, as every other value that a test gets.
      throw new VerificationFailed(
        expectation,
        result,
        describeVerification(expectation, parseWithLargeNumbers(text) as VerificationResult),
      )
    },
    seed: async (document) => (await client.call<{ loaded: Record<string, number> }>('POST', 'seed', document)).loaded,
    rows: (vendor, table) => allRows(client, vendor, table),
    async traffic(filter = {}) {
      const given = Object.entries(filter).filter(([, value]) => value !== undefined)
      return entriesOf(client, new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])))
    },
    reset: () => client.call('POST', 'reset'),
    snapshot: async (name) => void (await client.call('PUT', `snapshots/${encodeURIComponent(name)}`)),
    restore: (name) => client.call('POST', `snapshots/${encodeURIComponent(name)}/restore`),
    workspace: (name) => testSandbox({ ...parts, close: async () => {} }, name),
    close: parts.close,
    [Symbol.asyncDispose]: parts.close,
  }
  return sandbox
}

function spanOf(by: number | string | { ms: number } | { duration: string }): { ms: number } | { duration: string } {
  if (typeof by === 'object') return by
  return typeof by === 'number' ? { ms: by } : { duration: by }
}

async function allRows(client: ControlClient, vendor: string, table: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  let after: string | null = ''
  while (after !== null) {
    const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`
    const page: RowPage = await client.call('GET', `tables/${encodeURIComponent(vendor)}/${encodeURIComponent(table)}?limit=1000${query}`)
    for (const { row } of page.rows) rows.push(row)
    after = page.next
  }
  return rows
}

interface RowPage {
  rows: { row: Record<string, unknown> }[]
  next: string | null
}

/** The app of a sandbox for one workspace, which a request may still name itself. */
function appOfWorkspace(app: SandboxApp, workspace: string): SandboxApp {
  const scoped: SandboxApp = new Hono()
  scoped.all('*', (c) => {
    const request = new Request(c.req.raw)
    if (!request.headers.has('x-sandbox-workspace')) request.headers.set('X-Sandbox-Workspace', workspace)
    return app.fetch(request, c.env)
  })
  scoped.onError((error) => {
    throw error
  })
  return scoped
}
