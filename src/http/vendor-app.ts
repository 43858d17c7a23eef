import { Hono, type Context } from 'hono'
import type { Failure, Route, Vendor } from '../contract.js'
import type { Body } from '../kernel/incoming.js'
import type { LocatedRequest } from '../kernel/request.js'
import { statusesOf } from '../kernel/outcome.js'
import { StorageFull, StoreUnavailable } from '../store/store.js'
import type { FrameworkOutcome } from '../traffic/outcomes.js'
import type { LiveCall } from './call.js'
import { isTooLong, type Location } from './locate.js'
import { slashAdvice } from './path-advice.js'
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
      this.hono.on(route.method, honoPath(route), (c) => serve(c, { route, params: hasParams ? paramsOf(c) : noParams }))
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
    if (route?.method !== request.method) {
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
    const { method, path, host } = call.request
    const allow = this.#methodsOf(path, host).filter((other) => other !== method)
    return allow.length > 0 ? { kind: 'method-not-allowed', allow } : { kind: 'not-found' }
  }

  /** The methods of the routes that a path matches. */
  #methodsOf(path: string, host: string): string[] {
    const routed = routedPath(this.vendor, path, host)
    return [...this.#methods].filter((method) => this.hono.router.match(method, routed)[0].length > 0)
  }

  #failureOf(error: unknown, call: LiveCall): Failure {
    if (error instanceof StorageFull) return { kind: 'storage-full', detail: error.message }
    if (error instanceof StoreUnavailable) return { kind: 'unavailable', detail: error.message }
    this.#options.reportBug(error, call.id)
    return { kind: 'failed', error }
  }

  #fail(call: LiveCall, failure: Failure): void {
    const { host } = call.request
    call.explain(
      outcomeOf[failure.kind],
      sentence(this.vendor, call, failure, (path) => this.#methodsOf(path, host).length > 0),
    )
    call.reply = this.vendor.failureReply(failure, call.request)
  }
}

const noParams: LocatedRequest['params'] = Object.freeze({})

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

/** Reports what a route decided or answered without declaring it, each case once. */
class DeclaredOutcomes {
  readonly #reported = new Set<string>()

  /** Returns a sentence for the log if the route does not declare this outcome with this status, and undefined if it was reported before. */
  check(vendor: Vendor, route: Route, { outcome, status }: { outcome: string; status: number }): string | undefined {
    const declared = Object.hasOwn(route.outcomes, outcome) ? route.outcomes[outcome] : undefined
    if (declared !== undefined && statusesOf(declared).includes(status)) return undefined
    const report = sentenceOf(`${vendor.id}: ${route.method} ${route.path}`, route, { outcome, status })
    if (this.#reported.has(report) || this.#reported.size >= mostReported) return undefined
    this.#reported.add(report)
    return report
  }
}

function sentenceOf(name: string, { outcomes }: Route, { outcome, status }: { outcome: string; status: number }): string {
  const list = Object.entries(outcomes)
    .map(([word, declared]) => `${word} ${statusesOf(declared).join('/')}`)
    .join(', ')
  if (outcome === '') return `${name} answered ${status} without an outcome. Call explain() with one of those it declares: ${list}.`
  return `${name} answered ${status} with the outcome "${outcome.slice(0, 100)}", which the route does not declare. It declares ${list}.`
}

/** An outcome that is made of a request's values would be reported without end. */
const mostReported = 100

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
function sentence(vendor: Vendor, call: LiveCall, failure: Failure, isServed: (path: string) => boolean): string {
  const { method, path } = call.request
  switch (failure.kind) {
    case 'not-found':
      return `${vendor.title} is modelled without ${method} ${path}. ${slashAdvice(path, isServed)}${nearestRoutes(vendor, path)}`
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

function nearestRoutes(vendor: Vendor, path: string): string {
  const last = path.split('/').findLast((part) => part !== '')
  const alike = vendor.routes.filter((route) => last !== undefined && route.path.toLowerCase().includes(last.toLowerCase()))
  const shown = (alike.length > 0 ? alike : vendor.routes).slice(0, 4).map((route) => `${route.method} ${route.path}`)
  return shown.length > 0 ? `It has ${shown.join(', ')}${vendor.routes.length > shown.length ? ' …' : ''}.` : ''
}
