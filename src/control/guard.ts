import { timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { hostNameOf } from '../http/locate.js'
import { Problem } from '../kernel/problem.js'

/** Who may use the control API. */
export interface GuardOptions {
  token: string | undefined
  /** Host names beside the loopback ones. */
  hosts: readonly string[]
}

/** What a control request says of itself. */
export interface GuardedRequest {
  method: string
  /** Below `/_sandbox`. */
  path: string
  host: string
  origin: string | undefined
  authorization: string | undefined
}

/**
 * Keeps pages of other origins and rebound names out, and asks for the token where one is set. Answers the problem that
 * refuses a request, undefined when it may pass.
 */
export function refusal(request: GuardedRequest, options: GuardOptions): Problem | undefined {
  const accepted = (name: string) => isLoopback(name) || options.hosts.some((host) => host.toLowerCase() === name)
  const host = hostNameOf(request.host)
  if (host !== '' && !accepted(host)) {
    return new Problem(
      403,
      'control-host',
      'The control API does not answer to this host.',
      `Host is "${host}"; use a loopback name or start with --control-host ${host}.`,
    )
  }
  if (request.origin !== undefined && !accepted(originHost(request.origin))) {
    return new Problem(
      403,
      'control-origin',
      'The control API does not answer this origin.',
      `Origin is "${request.origin}"; pages of loopback names and of --control-host may call.`,
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

/** A name that only this machine answers to; those under `.localhost` are vendors' and workspaces', not the control API's. */
export function isLoopback(name: string): boolean {
  if (name === 'localhost') return true
  return name === '[::1]' || name === '::1' || (isIPv4(name) && name.startsWith('127.'))
}

/** The health check, and the page with its files, which asks for the token itself. */
function isOpen({ method, path }: GuardedRequest): boolean {
  if (method !== 'GET') return false
  return path === '/health' || path === '/' || path === '' || path.startsWith('/page/')
}

function originHost(origin: string): string {
  try {
    return new URL(origin).hostname
  } catch {
    return 'null'
  }
}

function carries(authorization: string | undefined, token: string): boolean {
  const sent = Buffer.from(/^bearer +(.*)$/i.exec(authorization ?? '')?.[1] ?? '')
  const expected = Buffer.from(token)
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}
