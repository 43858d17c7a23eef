import { Hono, type Context, type Handler } from 'hono'
import type { Failure, Route, Vendor } from '../contract.js'
import type { Body } from '../kernel/incoming.js'
import type { LocatedRequest } from '../kernel/request.js'
import { StorageFull, StoreUnavailable } from '../store/store.js'
import { DeclaredOutcomes, type FrameworkOutcome } from '../traffic/outcomes.js'
import type { LiveCall } from './call.js'
import { isTooLong, type Location } from './locate.js'
import { slashAdvice, workspaceAdvice } from './path-advice.js'
import type { AppEnv } from './received.js'

/** Limits and reports that the apps of all vendors share. */
export interface VendorAppOptions {
  urlLimitBytes: number
  bodyLimitBytes: number
  /** Reports our own bugs. */
  reportBug: (error: unknown, entry: string) => void
}

/** The route that a request matches, and its path parameters, decoded. */
export interface Match {
  route: Route
  params: LocatedRequest['params']
}

/** Serves a request that matched a route. */
export type Serve = (c: Context<AppEnv>, match: Match) => Response | Promise<Response>

/** One vendor as a Hono app that is made from its routes, with 404, 405 and 500 in the vendor's own words. */
export class VendorApp {
  /** The routes, to be mounted at {@link mount}. */
  readonly hono = new Hono<AppEnv>()
  readonly mount: string
  readonly #options: VendorAppOptions
  readonly #methods: ReadonlySet<string>
  readonly #routes = new Map<unknown, Route>()
  readonly #declared = new DeclaredOutcomes()

  constructor(
    readonly vendor: Vendor,
    options: VendorAppOptions,
    serve: Serve,
  ) {
    this.mount = `/${vendor.id}`
    this.#options = options
    this.#methods = new Set(vendor.routes.map(({ method }) => method))
    for (const route of vendor.routes) {
      const hasParams = route.path.includes('{')
      const verb = verbOf(route.path)
      const paramsOf = (c: Context<AppEnv>) => (verb ? withoutVerb(c.req.param(), verb) : c.req.param())
      const handler: Handler<AppEnv> = (c) => serve(c, { route, params: hasParams ? paramsOf(c) : noParams })
      this.#routes.set(handler, route)
      this.hono.on(route.method, honoPath(route), handler)
    }
  }

  /** The path that the app of the sandbox routes: still percent-encoded, behind {@link mount}, without a prefix of the vendor unless the host is its own. */
  pathOf({ path, hostName }: Pick<Location, 'path' | 'hostName'>): string {
    const routed = routedPath(this.vendor, path, hostName)
    // Hono mounts the route of "/" at the bare mount.
    return routed === '/' ? this.mount : this.mount + routed
  }

  /** Leaves the reply on the call, because faults and the traffic entry come after it. Never rejects. */
  async answer(call: LiveCall, body: Body): Promise<void> {
    const { route, request } = call
    // Hono answers HEAD from GET routes; no vendor documents that.
    if (route?.method !== request.method || !isServedBy(request.host, route, this.vendor)) {
      call.route = undefined
      return this.#fail(call, this.#notRouted(call))
    }
    const refused = urlFailure(call, this.#options) ?? bodyFailure(body, this.#options)
    if (refused) return this.#fail(call, refused)
    try {
      call.reply = await route.handle(call)
      const settling = call.space.settle()
      if (settling) await settling
    } catch (error) {
      // Rows of a transaction that committed before the failure stay in the entry; the failing one wrote nothing.
      return this.#fail(call, this.#failureOf(error, call))
    }
    const undeclared = this.#declared.check(this.vendor, route, { outcome: call.outcome, status: call.reply.status })
    if (undeclared !== undefined) this.#options.reportBug(undeclared, call.id)
  }

  #notRouted(call: LiveCall): Failure {
    const tooLong = urlFailure(call, this.#options)
    if (tooLong) return tooLong
    const allow = this.#servedAt(call.request).flatMap(({ method }) => (method === call.request.method ? [] : [method]))
    return allow.length > 0 ? { kind: 'method-not-allowed', allow: [...new Set(allow)] } : { kind: 'not-found' }
  }

  /** The routes that a path matches, of every method and host. */
  #routesAt({ path, host }: PathOfHost): Route[] {
    const routed = routedPath(this.vendor, path, host)
    return [...this.#methods].flatMap((method) =>
      this.hono.router.match(method, routed)[0].flatMap(([[handler]]) => this.#routes.get(handler) ?? []),
    )
  }

  /** The routes that a path matches and its host serves. */
  #servedAt(at: PathOfHost): Route[] {
    return this.#routesAt(at).filter((route) => isServedBy(at.host, route, this.vendor))
  }

  #failureOf(error: unknown, call: LiveCall): Failure {
    if (error instanceof StorageFull) return { kind: 'storage-full', detail: error.message }
    if (error instanceof StoreUnavailable) return { kind: 'unavailable', detail: error.message }
    this.#options.reportBug(error, call.id)
    return { kind: 'failed', error }
  }

  /** Verbs with which the last segment of a path could end in place of the one it has. */
  #verbsBeside({ method, path, host }: LocatedRequest): string[] {
    const [, base, own] = /^(.*\/[^/:]+)(:[^/]*)$/.exec(path) ?? []
    if (own === undefined) return []
    const verbs = new Set(this.vendor.routes.flatMap((route) => verbOf(route.path)?.suffix ?? []))
    return [...verbs].filter((verb) => this.#servedAt({ path: `${base}${verb}`, host }).some((route) => route.method === method))
  }

  /** A sentence about a path that the host does not serve: the hosts that do, or routes that are alike. */
  #notFound(request: LocatedRequest): string {
    const { method, path, host } = request
    const elsewhere = [
      ...new Set(this.#routesAt({ path, host }).flatMap((route) => (isServedBy(host, route, this.vendor) ? [] : route.hosts!))),
    ]
    if (elsewhere.length > 0) return `${host} does not serve ${path}; ask ${elsewhere.join(' or ')}.`
    const unknown = `${method} ${path} is not a modelled call of ${this.vendor.title}.`
    const advice = slashAdvice(path, (other) => this.#servedAt({ path: other, host }).length > 0) || workspaceAdvice(path)
    const served = this.vendor.routes.filter((route) => isServedBy(host, route, this.vendor))
    return `${unknown} ${advice}${nearestRoutes(served, path)}`
  }

  #fail(call: LiveCall, failure: Failure): void {
    const verbs = failure.kind === 'method-not-allowed' ? this.#verbsBeside(call.request) : []
    const verbAdvice = verbs.length > 0 ? ` The path of a ${call.request.method} ends with ${verbs.join(' or ')}.` : ''
    call.explain(
      outcomeOf[failure.kind],
      failure.kind === 'not-found' ? this.#notFound(call.request) : sentence(this.vendor, call, failure) + verbAdvice,
    )
    call.reply = this.vendor.failureReply(failure, call.request)
  }
}

/** A path, and the host that it was asked of. */
type PathOfHost = Pick<LocatedRequest, 'path' | 'host'>

const noParams: LocatedRequest['params'] = Object.freeze({})

/** True if a host serves a route of a vendor: each host that is not the vendor's own does, and those of the vendor that the route names. */
function isServedBy(host: string, route: Route, vendor: Vendor): boolean {
  return route.hosts === undefined || route.hosts.includes(host) || !vendor.hosts.includes(host)
}

/** Returns the path that the routes match: without a prefix of the vendor, unless the host is its own. */
function routedPath({ pathPrefixes, hosts }: Vendor, path: string, host: string): string {
  const prefix = pathPrefixes?.find((one) => path.startsWith(`${one}/`))
  return prefix === undefined || hosts.includes(host) ? path : path.slice(prefix.length)
}

function honoPath({ path, hasEmptyParameters = false }: Pick<Route, 'path' | 'hasEmptyParameters'>): string {
  return path.replace(verbForm, ':$1{[^/]+$2}').replaceAll(/\{(\w+)\}/g, hasEmptyParameters ? ':$1{[^/]*}' : ':$1')
}

/** A last segment such as `{token}:consume`: a parameter and a verb. */
const verbForm = /\{(\w+)\}(:\w+)$/

/** Parameter and verb of the last segment of a path, if it has a verb. */
interface Verb {
  param: string
  suffix: string
}

function verbOf(path: string): Verb | undefined {
  const [, param, suffix] = verbForm.exec(path) ?? []
  return param === undefined || suffix === undefined ? undefined : { param, suffix }
}

function withoutVerb(params: Record<string, string>, { param, suffix }: Verb): Record<string, string> {
  return { ...params, [param]: (params[param] ?? '').slice(0, -suffix.length) }
}

function urlFailure({ request }: LiveCall, { urlLimitBytes }: VendorAppOptions): Failure | undefined {
  const isOver = isTooLong({ path: request.path, query: request.rawQuery }, urlLimitBytes)
  return isOver ? { kind: 'uri-too-long', limitBytes: urlLimitBytes } : undefined
}

function bodyFailure(body: Body, { bodyLimitBytes }: VendorAppOptions): Failure | undefined {
  if (body.kind === 'too-large') return { kind: 'body-too-large', limitBytes: bodyLimitBytes }
  if (body.kind === 'stalled') return { kind: 'body-stalled' }
  return undefined
}

/** The outcome of each framework failure, the same for every vendor. */
const outcomeOf: Readonly<Record<Failure['kind'], FrameworkOutcome>> = {
  'not-found': 'not-found',
  'method-not-allowed': 'method-not-allowed',
  'body-too-large': 'too-large',
  'body-stalled': 'stalled',
  'uri-too-long': 'too-large',
  'storage-full': 'storage-full',
  unavailable: 'unavailable',
  failed: 'failed',
}

/** A sentence of what the framework refused and what would have been accepted. */
function sentence(vendor: Vendor, call: LiveCall, failure: Exclude<Failure, { kind: 'not-found' }>): string {
  const { method, path } = call.request
  switch (failure.kind) {
    case 'method-not-allowed':
      return `${path} takes ${failure.allow.join(', ')}, not ${method}.`
    case 'body-too-large':
      return `The body is larger than ${failure.limitBytes} bytes, the sandbox's --body-limit.`
    case 'body-stalled':
      if (vendor.bodyTimeoutMs === undefined) return 'The headers came, the whole body did not come in time.'
      return `The headers came, the whole body did not within ${vendor.bodyTimeoutMs} ms of real time, as long as ${vendor.title} waits.`
    case 'uri-too-long':
      return `Path and query are longer than ${failure.limitBytes} bytes.`
    case 'storage-full':
    case 'unavailable':
      return `${failure.detail} Nothing was recorded.`
    case 'failed':
      return `The sandbox itself failed: ${failure.error instanceof Error ? failure.error.message : String(failure.error)}. The log has the stack.`
  }
}

function nearestRoutes(routes: readonly Route[], path: string): string {
  const last = path.split('/').findLast((part) => part !== '')
  const alike = routes.filter((route) => last !== undefined && route.path.toLowerCase().includes(last.toLowerCase()))
  const shown = (alike.length > 0 ? alike : routes).slice(0, 4).map((route) => `${route.method} ${route.path}`)
  return shown.length > 0 ? `It has ${shown.join(', ')}${routes.length > shown.length ? ' …' : ''}.` : ''
}
