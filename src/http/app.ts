import { Hono, type Context } from 'hono'
import type { Socket } from 'node:net'
import type { Route, Vendor } from '../contract.js'
import { chooseFault } from '../faults/apply.js'
import { realTime } from '../kernel/clock.js'
import type { Body, Head, Outgoing } from '../kernel/incoming.js'
import { Problem, type ProblemDocument } from '../kernel/problem.js'
import { json, withHeader } from '../kernel/reply.js'
import { LocatedRequest } from '../kernel/request.js'
import type { Keyring } from '../receipts/keyring.js'
import { StorageFull, StoreUnavailable, type Change } from '../store/store.js'
import { verdictOfEntry } from '../traffic/outcomes.js'
import type { Entry } from '../traffic/traffic.js'
import type { Claims } from '../workspace/claims/claim-book.js'
import type { VendorParts } from '../workspace/scope.js'
import { defaultWorkspace, type OpenWorkspace, type Workspaces } from '../workspace/workspaces.js'
import { handled, LiveCall } from './call.js'
import { newEntry, refusedEntry, wentOut } from './new-entry.js'
import { FetchMessages, headOfRequest } from './fetch-messages.js'
import { MountRouter } from './mount-router.js'
import { locate, type Directory, type Location } from './locate.js'
import {
  abandoned,
  asProblem,
  preflight,
  problemReply,
  readableElsewhere,
  replyWithoutStore,
  unrouted,
  replyBeyondLimit,
  workspaceLimit,
} from './sandbox-replies.js'
import type { AppEnv, BodyLimits, Received } from './received.js'
import { isHandshakeProblem } from './sockets/handshake.js'
import { VendorApp, type Match } from './vendor-app.js'
import { workspaceOf } from './workspace-of.js'
import { performance } from '../kernel/timers.js'

/** Parts a dispatcher is built over. */
export interface DispatchParts {
  vendors: readonly Vendor[]
  vendorParts: ReadonlyMap<string, VendorParts>
  workspaces: Workspaces
  keys: Keyring
  claims: Claims
  /** Called with every finished entry, after it is recorded. */
  observe: (entry: Entry) => void
  /** Reports our own bugs. */
  reportBug: (error: unknown, entry: string) => void
  traceHeader: boolean
  /** Lets vendor addresses answer browsers of other origins. */
  cors: boolean
  /** Entry ids are `r-1`, `r-2` …; with several processes on one store, each has another prefix. */
  idPrefix: string
  urlLimitBytes: number
  bodyLimitBytes: number
  /** Aborted when the sandbox begins to stop. */
  closing: AbortSignal
  control: ControlHandler
}

/** Returns the response to a control call. */
export type ControlHandler = (request: Request, location: Location) => Promise<Response>

/** Returns the summary of the first purchase among changed rows. */
function purchaseWritten({ id, tables }: Vendor, changes: readonly Change[]): Entry['purchase'] {
  for (const { table, row } of changes) {
    const summary = table.startsWith(`${id}.`) && row !== undefined ? tables[table.slice(id.length + 1)]?.purchase?.(row) : undefined
    if (summary) return { player: summary.player, product: summary.product, amount: summary.amount }
  }
  return undefined
}

/** Passes requests to their vendor or to the control API, and records those to vendors as traffic. */
export class Dispatcher {
  /** Serves every request, from sockets and in process. Mounted in another app, it serves the paths below the mount. */
  readonly app: Hono<AppEnv>
  readonly directory: Directory
  readonly #parts: DispatchParts
  readonly #apps = new Map<string, VendorApp>()
  /** Connections whose last request the HTTP parser refused. */
  readonly #refused = new WeakSet<Socket>()
  #last = 0

  constructor(parts: DispatchParts) {
    this.#parts = parts
    const hosts = new Map<string, string>()
    const ownPaths = new Map<string, string>()
    for (const vendor of parts.vendors) {
      for (const segment of vendor.ownPaths ?? []) ownPaths.set(segment, vendor.id)
      for (const host of vendor.hosts) hosts.set(host, vendor.id)
      this.#apps.set(vendor.id, new VendorApp(vendor, parts, (c, match) => this.#serve(this.#receivedIn(c), match)))
    }
    this.directory = { hosts, ids: new Set(this.#apps.keys()), ownPaths }
    this.app = this.#routed()
  }

  /** The app: the routes of every vendor, the control API, and replies to what matches neither. */
  #routed(): Hono<AppEnv> {
    const app = new Hono<AppEnv>({
      router: new MountRouter(),
      getPath: (request, asked) => this.#routedPath(asked?.env?.received?.location ?? this.locate(headOfRequest(request))),
    })
    for (const { mount, hono } of this.#apps.values()) app.route(mount, hono)
    app.all(elsewhere, async (c) => {
      const received = this.#receivedIn(c)
      return received.location.target.kind === 'control' ? this.#parts.control(c.req.raw, received.location) : this.#serve(received)
    })
    app.notFound((c) => this.#serve(this.#receivedIn(c)))
    // A connection fault rejects, as fetch does; an error response would be an answer.
    app.onError((error) => {
      throw error
    })
    return app
  }

  /** The path that the app routes: that of a vendor behind the vendor's id, whatever host and prefixes the request had. */
  #routedPath(location: Location): string {
    const { target } = location
    return target.kind === 'vendor' ? this.#apps.get(target.id)!.pathOf(location) : elsewhere
  }

  #receivedIn(c: Context<AppEnv>): Received {
    return c.env?.received ?? new FetchMessages(c.req.raw, { ...c.env, locate: this.locate, closing: this.closing })
  }

  get closing(): AbortSignal {
    return this.#parts.closing
  }

  readonly locate = (head: Head): Location => locate(head, this.directory)

  /** Passes a request that came over no connection to the app, such as one that is sent again. */
  async answer(head: Head, location: Location, body: Body): Promise<void> {
    const send = (answering: Promise<unknown>) => answering.then(() => handled)
    const received: Received = { head, location, readBody: async () => body, wasRefused: () => false, send }
    // Of the request Hono reads the method alone.
    await this.app.fetch({ method: head.method } as Request, { received })
  }

  #serve(received: Received, match?: Match): Response | Promise<Response> {
    return received.send(this.#receive(received, match))
  }

  /** Reads the body and returns the answer, undefined if the request was answered while it was read. */
  async #receive(received: Received, match: Match | undefined): Promise<Outgoing | undefined> {
    const body = await received.readBody(this.#bodyLimits(received.location))
    return body.kind === 'aborted' && received.wasRefused() ? undefined : this.#answer(received, body, match)
  }

  #bodyLimits({ target }: Location): BodyLimits {
    const vendor = target.kind === 'vendor' ? this.#apps.get(target.id)?.vendor : undefined
    return { bytes: this.#parts.bodyLimitBytes, timeoutMs: vendor?.bodyTimeoutMs }
  }

  /** Numbers later entries from above this on, after entries with numbers up to it were loaded from a session. */
  skipIds(upTo: number): void {
    this.#last = Math.max(this.#last, upTo)
  }

  /** True if a request of this process has, or had, this entry id. */
  hasGiven(id: string): boolean {
    const { idPrefix } = this.#parts
    const number = id.slice(idPrefix.length)
    return id.startsWith(idPrefix) && /^[1-9]\d{0,15}$/.test(number) && Number(number) <= this.#last
  }

  /**
   * Records a request that the HTTP parser refused, or a TLS handshake that failed, as an entry of the default workspace, because its vendor and workspace are unknown.
   * `packet` holds the bytes that the parser was reading, if they are known.
   */
  recordRefused(problem: ProblemDocument, socket: Socket, packet?: Uint8Array): void {
    this.#refused.add(socket)
    const number = ++this.#last
    const entry = refusedEntry(`${this.#parts.idPrefix}${number}`, number, { problem, socket, packet })
    const reply = json(problem.status, problem, 'application/problem+json', { Connection: 'close' })
    // Nothing can be sent on a connection without its encryption.
    const outgoing: Outgoing = isHandshakeProblem(problem) ? { reply, effect: { kind: 'drop' } } : { reply }
    this.#recordRefused(entry, outgoing).catch((error: unknown) => this.#parts.reportBug(error, entry.id))
  }

  /** True if the request that was read last on a connection is answered and recorded already. */
  wasRefused(socket: Socket): boolean {
    return this.#refused.has(socket)
  }

  async #recordRefused(entry: Entry, outgoing: Outgoing): Promise<void> {
    await this.#finish(await this.#default(entry), entry, outgoing)
  }

  /** The workspace that records an entry whose own workspace is not known or could not be made. */
  async #default(entry: Entry): Promise<OpenWorkspace> {
    const open = await this.#parts.workspaces.open(defaultWorkspace)
    entry.workspace = defaultWorkspace
    entry.at = open.space.now(await open.space.setting()).getTime()
    return open
  }

  /** Handles a request that is not for the control API and returns the vendor's or the sandbox's reply. Never rejects. */
  async #answer({ head, location }: Received, body: Body, match: Match | undefined): Promise<Outgoing> {
    const started = performance.now()
    const number = ++this.#last
    const entry: Entry = newEntry(`${this.#parts.idPrefix}${number}`, number, { head, location, body, started })
    const app = location.target.kind === 'vendor' ? this.#apps.get(location.target.id) : undefined
    const request = new LocatedRequest(head, location, entry.body)
    const caller = app && { vendor: app.vendor, request }
    try {
      const { open, setting } = await workspaceOf(location, this.#parts, caller)
      const { space } = open
      const now = space.now(setting)
      entry.workspace = space.name
      entry.at = now.getTime()
      if (!app) return this.#finish(open, entry, this.#unrouted(entry, location))
      const parts = this.#parts.vendorParts.get(app.vendor.id)!
      const call = new LiveCall(entry, request, { parts, space, setting, keys: this.#parts.keys, now }, match)
      const outgoing = await this.#call(app, call, body)
      return this.#finish(open, entry, outgoing, call.route)
    } catch (error) {
      if (caller && error instanceof Problem && error.type === workspaceLimit) {
        return this.#finish(await this.#default(entry), entry, { reply: replyBeyondLimit(entry, caller, error) })
      }
      if (!(error instanceof StoreUnavailable || error instanceof StorageFull)) return this.#complain(error, entry)
      const reply = replyWithoutStore(entry, caller, error)
      const open = error instanceof StorageFull ? await this.#default(entry) : undefined
      return this.#finish(open, entry, { reply })
    }
  }

  #unrouted(entry: Entry, location: Location): Outgoing {
    const isServed = (target: string) => this.locate({ ...entry.head, target }).target.kind !== 'unknown'
    return unrouted(entry, location, { urlLimitBytes: this.#parts.urlLimitBytes, isServed })
  }

  /** Passes a call to its vendor, unless a fault or a rule of the sandbox answers in its place. */
  async #call(app: VendorApp, call: LiveCall, body: Body): Promise<Outgoing> {
    const { vendor } = app
    const { entry } = call
    entry.vendor = vendor.id
    const preflighted = this.#parts.cors ? preflight(entry) : undefined
    if (preflighted) return preflighted
    if (body.kind === 'aborted') return abandoned(entry)
    const fault = call.setting.faults.length > 0 ? await chooseFault(vendor, call, this.#parts.closing) : undefined
    let outgoing = fault && (await fault.before())
    if (!outgoing) {
      await app.answer(call, body)
      const { reply } = call
      if (!reply) throw new Error(`${vendor.title} left ${call.request.method} ${call.request.path} without a reply.`)
      outgoing = fault ? await fault.after(reply) : { reply }
    }
    entry.route = call.route?.path ?? null
    if (fault) {
      entry.fault = fault.note
      entry.expected = []
    }
    if (call.changes.length > 0) {
      // Without the rows themselves, which may be large and soon outdated.
      entry.changes = call.changes.map(({ table, key, change }) => ({ table, key, change }))
      entry.purchase = purchaseWritten(vendor, call.changes)
    }
    return outgoing
  }

  /** Records the entry if there is a workspace for it, and returns the reply as it is sent. Does not reject. */
  #finish(open: OpenWorkspace | undefined, entry: Entry, outgoing: Outgoing, route?: Route): Outgoing | Promise<Outgoing> {
    const marked = entry.vendor === null ? outgoing : this.#marked(outgoing, entry)
    entry.durationMs = performance.now() - entry.startedMs
    entry.reply = wentOut(marked)
    entry.verdict = verdictOfEntry(entry, route)
    const recorded = open?.traffic.record(entry)
    this.#parts.observe(entry)
    // The client's next request may go to another process, which must find this entry.
    return recorded ? recorded.then(() => marked) : marked
  }

  /** A vendor's reply with the headers the sandbox adds. */
  #marked({ reply, effect }: Outgoing, entry: Entry): Outgoing {
    const traced = this.#parts.traceHeader ? withHeader(reply, 'X-Sandbox-Request', entry.id) : reply
    const marked = this.#parts.cors ? readableElsewhere(entry.head, traced) : traced
    return effect ? { reply: marked, effect } : { reply: marked }
  }

  /** Returns a problem for an error that occurred before or outside of the vendor's app. */
  async #complain(error: unknown, entry: Entry): Promise<Outgoing> {
    const problem = asProblem(error)
    if (problem !== error) this.#parts.reportBug(error, entry.id)
    entry.outcome = problem.type
    entry.explanation = problem.detail
    entry.workspace ||= defaultWorkspace
    entry.at ||= realTime()
    const open = await this.#parts.workspaces.open(entry.workspace)
    return this.#finish(open, entry, { reply: problemReply(problem) })
  }
}

/** The routed path of a request that is for no vendor. */
const elsewhere = '/'
