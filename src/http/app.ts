import type { Socket } from 'node:net'
import type { Failure, Route, Vendor } from '../contract.js'
import { realTime } from '../kernel/clock.js'
import type { Body, Head, Outgoing } from '../kernel/incoming.js'
import { Problem, type ProblemDocument } from '../kernel/problem.js'
import { json, withHeader, type Reply } from '../kernel/reply.js'
import type { Keyring } from '../receipts/keyring.js'
import { StorageFull, StoreUnavailable } from '../store/store.js'
import { type Exchange } from '../traffic/traffic.js'
import type { VendorParts } from '../workspace/scope.js'
import { sliceFactory } from '../workspace/slice.js'
import { defaultWorkspace, type OpenWorkspace, type Workspaces } from '../workspace/workspaces.js'
import { LiveCall } from './call.js'
import type { Claims } from './claims.js'
import { preflight, readableElsewhere } from './cors.js'
import { newExchange, refusedExchange, wentOut } from './exchange.js'
import { explainFailure } from './explain-failure.js'
import type { FaultControl } from './fault-control.js'
import { findWorkspace } from './workspace-of.js'
import { isTooLong, locate, type Directory, type Location } from './locate.js'
import { abandoned, explained, problemReply, unrouted } from './sandbox-replies.js'
import { LocatedRequest } from './request.js'
import { routerOf, type Match } from './vendor-app.js'
import { replyWithoutStore } from './without-store.js'

/** What dispatching is built over. */
export interface DispatchParts {
  vendors: readonly Vendor[]
  workspaces: Workspaces
  keys: Keyring
  claims: Claims
  faults: FaultControl
  /** Told of every finished exchange, after it is kept. */
  observe: (exchange: Exchange) => void
  /** Told of our own bugs. */
  reportBug: (error: unknown, exchange: string) => void
  traceHeader: boolean
  /** Lets vendor addresses answer browsers of other origins. */
  cors: boolean
  /** Entry ids are `r-1`, `r-2` …; several processes on one store need a prefix of their own. */
  idPrefix: string
  urlLimitBytes: number
  bodyLimitBytes: number
}

interface Mounted {
  vendor: Vendor
  parts: VendorParts
  match: (method: string, path: string) => Match
}

/** Takes requests to the vendor they are for and keeps what happened. */
export class Dispatcher {
  readonly directory: Directory
  readonly #parts: DispatchParts
  readonly #mounted = new Map<string, Mounted>()
  /** Connections that were told a problem for what came in on them. */
  readonly #refused = new WeakSet<Socket>()
  #last = 0

  constructor(parts: DispatchParts) {
    this.#parts = parts
    const hosts = new Map<string, string>()
    for (const vendor of parts.vendors) {
      for (const host of vendor.hosts) hosts.set(host, vendor.id)
      const mounted = { vendor, parts: { id: vendor.id, slice: sliceFactory(vendor.id, vendor.tables) }, match: routerOf(vendor) }
      this.#mounted.set(vendor.id, mounted)
    }
    this.directory = { hosts, ids: new Set(this.#mounted.keys()) }
  }

  locate(head: Head): Location {
    return locate(head, this.directory)
  }

  /** Milliseconds the body of this request may take, where its vendor sets a limit. */
  bodyTimeoutOf(location: Location): number | undefined {
    return location.target.kind === 'vendor' ? this.#mounted.get(location.target.id)?.vendor.bodyTimeoutMs : undefined
  }

  /** Whether an entry id was ever given to a request. */
  hasGiven(id: string): boolean {
    const { idPrefix } = this.#parts
    const number = id.slice(idPrefix.length)
    return id.startsWith(idPrefix) && /^[1-9]\d{0,15}$/.test(number) && Number(number) <= this.#last
  }

  /**
   * Keeps what the HTTP parser refused, before anybody could know whose it was, as an entry of the default workspace; `packet` is
   * what the parser was reading, as far as it is known.
   */
  recordRefused(problem: ProblemDocument, socket: Socket, packet?: Uint8Array): void {
    this.#refused.add(socket)
    const number = ++this.#last
    const exchange = refusedExchange(`${this.#parts.idPrefix}${number}`, number, { problem, socket, packet })
    this.#keepRefused(exchange, json(problem.status, problem, 'application/problem+json', { Connection: 'close' })).catch(
      (error: unknown) => this.#parts.reportBug(error, exchange.id),
    )
  }

  async #keepRefused(exchange: Exchange, reply: Reply): Promise<void> {
    await this.#finish(await this.#default(exchange), exchange, exchange.startedMs, { reply })
  }

  /** Where an exchange is kept whose own workspace is not known or could not be made. */
  async #default(exchange: Exchange): Promise<OpenWorkspace> {
    const open = await this.#parts.workspaces.open(defaultWorkspace)
    exchange.workspace = defaultWorkspace
    exchange.at = open.space.now(await open.space.setting()).getTime()
    return open
  }

  /** Whether what was read last on a connection has its answer and its entry already. */
  wasRefused(socket: Socket): boolean {
    return this.#refused.has(socket)
  }

  /** Answers a request that is not for the control API. Never rejects. */
  async answer(head: Head, location: Location, body: Body): Promise<Outgoing> {
    const started = performance.now()
    const number = ++this.#last
    const exchange: Exchange = newExchange(`${this.#parts.idPrefix}${number}`, number, { head, location, body, started })
    const mounted = location.target.kind === 'vendor' ? this.#mounted.get(location.target.id) : undefined
    const request = new LocatedRequest(head, location, exchange.body)
    try {
      const found = findWorkspace({ location, vendor: mounted?.vendor, request }, this.#parts)
      const { open, setting } = found instanceof Promise ? await found : found
      exchange.workspace = open.space.name
      exchange.at = open.space.now(setting).getTime()
      if (!mounted) return this.#finish(open, exchange, started, unrouted(exchange, location, this.#parts.urlLimitBytes))
      const call = new LiveCall(exchange.id, request, mounted.parts, open.space, setting, this.#parts.keys)
      return this.#finish(open, exchange, started, await this.#serve(mounted, call, body, exchange))
    } catch (error) {
      if (!(error instanceof StoreUnavailable || error instanceof StorageFull)) return this.#complain(error, exchange, started)
      const reply = replyWithoutStore(exchange, mounted?.vendor, request, error)
      const open = error instanceof StorageFull ? await this.#default(exchange) : undefined
      return this.#finish(open, exchange, started, { reply })
    }
  }

  async #serve({ vendor, match }: Mounted, call: LiveCall, body: Body, exchange: Exchange): Promise<Outgoing> {
    const { request } = call
    exchange.vendor = vendor.id
    const preflighted = this.#parts.cors ? preflight(exchange.head) : undefined
    if (preflighted)
      return explained(exchange, 'preflight', 'A browser asked whether it may call; --cors lets it. No vendor answers so.', preflighted)
    if (body.kind === 'aborted') return abandoned(exchange)
    const matched = match(request.method, request.path)
    if (matched.kind === 'route') {
      exchange.route = matched.route.path
      if (matched.params) request.params = matched.params
    }
    const fault = call.setting.faults.length > 0 ? await this.#parts.faults.choose(vendor, call) : undefined
    let outgoing = await fault?.before()
    if (!outgoing) {
      const reply = await this.#reply(vendor, matched, call, body)
      outgoing = fault ? await fault.after(reply) : { reply }
    }
    exchange.fault = fault?.note ?? null
    exchange.outcome = call.outcome
    exchange.explanation = call.explanation
    exchange.warnings = call.warnings
    // Without the rows themselves, which may be large and soon old.
    if (call.changes.length > 0) exchange.changes = call.changes.map(({ table, key, change }) => ({ table, key, change }))
    exchange.revealed = call.revealed
    return outgoing
  }

  async #reply(vendor: Vendor, matched: Match, call: LiveCall, body: Body): Promise<Reply> {
    const refusal = this.#refusal(matched, call, body)
    if (refusal) return this.#fail(vendor, call, refusal)
    try {
      const { route } = matched as { route: Route }
      const reply = await route.handle(call)
      const settling = call.space.settle()
      if (settling) await settling
      return reply
    } catch (error) {
      // Rows named by a transaction that landed before the failure stay named; the failing one wrote nothing.
      if (error instanceof StorageFull) return this.#fail(vendor, call, { kind: 'storage-full', detail: error.message })
      if (error instanceof StoreUnavailable) return this.#fail(vendor, call, { kind: 'unavailable', detail: error.message })
      this.#parts.reportBug(error, call.id)
      return this.#fail(vendor, call, { kind: 'failed', error })
    }
  }

  #refusal(matched: Match, call: LiveCall, body: Body): Failure | undefined {
    const { request } = call
    const { urlLimitBytes } = this.#parts
    if (isTooLong({ path: request.path, query: request.rawQuery }, urlLimitBytes))
      return { kind: 'uri-too-long', limitBytes: urlLimitBytes }
    if (matched.kind !== 'route') return matched
    if (body.kind === 'too-large') return { kind: 'body-too-large', limitBytes: this.#parts.bodyLimitBytes }
    if (body.kind === 'stalled') return { kind: 'body-stalled' }
    return undefined
  }

  #fail(vendor: Vendor, call: LiveCall, failure: Failure): Reply {
    explainFailure(vendor, call, failure)
    return vendor.voice(failure, call.request)
  }

  /** Keeps what happened, where it can be kept, and hands out the answer. */
  #finish(open: OpenWorkspace | undefined, exchange: Exchange, started: number, outgoing: Outgoing): Outgoing | Promise<Outgoing> {
    const traced = exchange.vendor === null ? outgoing : this.#marked(outgoing, exchange)
    exchange.durationMs = performance.now() - started
    exchange.reply = wentOut(traced)
    const recorded = open?.traffic.record(exchange)
    this.#parts.observe(exchange)
    // What another process is asked next must find this entry there.
    return recorded ? recorded.then(() => traced) : traced
  }

  /** A vendor's reply with what the sandbox adds to it. */
  #marked({ reply, effect }: Outgoing, exchange: Exchange): Outgoing {
    const traced = this.#parts.traceHeader ? withHeader(reply, 'X-Sandbox-Request', exchange.id) : reply
    const marked = this.#parts.cors ? readableElsewhere(exchange.head, traced) : traced
    return effect ? { reply: marked, effect } : { reply: marked }
  }

  /** The sandbox's own answer where no vendor could speak: a bad workspace name, or a bug before a vendor was asked. */
  async #complain(error: unknown, exchange: Exchange, started: number): Promise<Outgoing> {
    const problem = asProblem(error)
    if (problem !== error) this.#parts.reportBug(error, exchange.id)
    exchange.outcome = problem.type
    exchange.explanation = problem.detail
    exchange.workspace ||= defaultWorkspace
    exchange.at ||= realTime()
    const open = await this.#parts.workspaces.open(exchange.workspace)
    return this.#finish(open, exchange, started, { reply: problemReply(problem) })
  }
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(500, 'bug', 'The sandbox failed.', `${String(error)} Please report it with the log line.`)
}
