import { timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { Location } from '../http/locate.js'
import { parseHostOption, parseOrigin } from '../kernel/host.js'
import { Problem } from '../kernel/problem.js'

/** Who may use the control API. */
export interface GuardOptions {
  token: string | undefined
  /** Host names beside the loopback ones, as given to `--control-host`. */
  hosts: readonly string[]
}

/** What a control request says of itself. */
export interface GuardedRequest {
  method: string
  /** Below `/_sandbox`. */
  path: string
  host: Pick<Location, 'hostName' | 'malformedHost'>
  origin: string | undefined
  authorization: string | undefined
}

/**
 * Keeps pages of other origins and rebound names out, and asks for the token where one is set. Answers the problem that
 * refuses a request, undefined when it may pass.
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
    return new Problem(
      403,
      'control-origin',
      'The control API does not answer this origin.',
      `Origin is "${origin.slice(0, 200)}"; pages of loopback names and of --control-host may call.`,
    )
  }
  if (options.token === undefined || isOpen(request)) return undefined
  if (carries(request.authorization, options.token)) return undefined
  const seen = request.authorization === undefined ? 'No token was sent' : 'The token is wrong'
  return new Problem(
    401,
    'control-token',
    'A token is needed.',
    `${seen}; send "Authorization: Bearer …" with the token of --control-token.`,
    undefined,
    {
      'WWW-Authenticate': 'Bearer',
    },
  )
}

/** True for a name that the control API answers to: a loopback one, one of `hosts`, or any if `hosts` has `*`. */
export function isControlHost(name: string | undefined, hosts: readonly string[]): boolean {
  if (name === undefined) return false
  return isLoopback(name) || hosts.some((host) => host === '*' || parseHostOption(host)?.name === name)
}

/** A name that only this machine answers to; those under `.localhost` are vendors' and workspaces', not the control API's. */
export function isLoopback(name: string): boolean {
  if (name === 'localhost') return true
  return name === '[::1]' || (isIPv4(name) && name.startsWith('127.'))
}

function hostRefused(why: string): Problem {
  return new Problem(403, 'control-host', 'The control API does not answer to this host.', `${why}.`)
}

/** Probes and load balancers ask by the address of a container; the answer holds the version and vendor ids alone. */
function isHealthCheck({ method, path }: GuardedRequest): boolean {
  return method === 'GET' && path === '/health'
}

/** The health check, and the page with its files, which asks for the token itself. */
function isOpen(request: GuardedRequest): boolean {
  const { method, path } = request
  return isHealthCheck(request) || (method === 'GET' && (path === '/' || path === '' || path.startsWith('/page/')))
}

function carries(authorization: string | undefined, token: string): boolean {
  const sent = Buffer.from(/^bearer +(.*)$/i.exec(authorization ?? '')?.[1] ?? '')
  const expected = Buffer.from(token)
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}
