import { timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { Location } from '../http/locate.js'
import { parseHostOption, parseOrigin } from '../kernel/host.js'
import { Forbidden, type Problem, Unauthorized } from '../kernel/problem.js'

/** Options that decide which requests may use the control API. */
export interface GuardOptions {
  token: string | undefined
  /** Host names beside the loopback ones, as given to `--control-host`. */
  hosts: readonly string[]
}

/** The parts of a control request that the guard checks. */
export interface GuardedRequest {
  method: string
  /** Below `/_sandbox`. */
  path: string
  host: Pick<Location, 'hostName' | 'malformedHost'>
  origin: string | undefined
  authorization: string | undefined
}

/**
 * Refuses pages of other origins, DNS-rebound host names, and requests without the token if one is set. Returns the problem, or undefined
 * if the request may pass.
 */
export function refusal(request: GuardedRequest, options: GuardOptions): Problem | undefined {
  const { hostName, malformedHost } = request.host
  if (!isHealthCheck(request)) {
    if (malformedHost) {
      return hostRefused(`"${malformedHost.text.slice(0, 200)}" is not a host name or address with an optional port`)
    }
    if (hostName !== '' && !isControlHost(hostName, options.hosts)) {
      return hostRefused(`Host is "${hostName}"; use a loopback name or start with --control-host ${hostName}`)
    }
  }
  const { origin } = request
  if (origin !== undefined && !isControlHost(parseOrigin(origin)?.name, options.hosts)) {
    return new Forbidden({
      type: 'control-origin',
      title: 'Origin not allowed.',
      detail: `Origin is "${origin.slice(0, 200)}", and only pages of loopback names and of --control-host may use the control API. Open the page under one of those, or start with --control-host for its name.`,
    })
  }
  if (options.token === undefined || isOpen(request)) return undefined
  if (carries(request.authorization, options.token)) return undefined
  const seen = request.authorization === undefined ? 'No token was sent' : 'The token is wrong'
  return new Unauthorized({
    type: 'control-token',
    title: 'Token required.',
    detail: `${seen}; send "Authorization: Bearer …" with the token of --control-token.`,
    headers: {
      'WWW-Authenticate': 'Bearer',
    },
  })
}

/** True for a host name under which the control API is served: a loopback name, one of `hosts`, or any if `hosts` has `*`. */
export function isControlHost(name: string | undefined, hosts: readonly string[]): boolean {
  if (name === undefined) return false
  return isLoopback(name) || hosts.some((host) => host === '*' || parseHostOption(host)?.name === name)
}

/** True for a name that resolves to this machine only; names under `.localhost` belong to vendors and workspaces, not to the control API. */
export function isLoopback(name: string): boolean {
  if (name === 'localhost') return true
  return name === '[::1]' || (isIPv4(name) && name.startsWith('127.'))
}

function hostRefused(why: string): Problem {
  return new Forbidden({ type: 'control-host', title: 'Host not allowed.', detail: `${why}.` })
}

/** Probes and load balancers use the address of a container as Host; the response has the version and vendor ids only. */
function isHealthCheck({ method, path }: GuardedRequest): boolean {
  return method === 'GET' && path === '/health'
}

/** True for the health check, and for the page with its files; the page asks its user for the token. */
function isOpen(request: GuardedRequest): boolean {
  const { method, path } = request
  return isHealthCheck(request) || (method === 'GET' && (path === '/' || path === '' || path.startsWith('/page/')))
}

function carries(authorization: string | undefined, token: string): boolean {
  const sent = Buffer.from(/^bearer +(.*)$/i.exec(authorization ?? '')?.[1] ?? '')
  const expected = Buffer.from(token)
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}
