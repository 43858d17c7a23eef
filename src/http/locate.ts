import { parseHost, splitTarget } from '../kernel/host.js'
import type { Head } from '../kernel/incoming.js'

/** The vendor or API that a request is for, and the path as it sees it. */
export interface Location {
  target: { kind: 'vendor'; id: string } | { kind: 'control' } | { kind: 'unknown' }
  /** Still percent-encoded, without query and without the sandbox's own prefixes. */
  path: string
  query: string
  /** Lower case, without port; empty if no host was sent, or one that does not parse. */
  hostName: string
  /** The host as it was sent, if it does not parse, and the part of the request that held it. */
  malformedHost?: { in: 'header' | 'target'; text: string } | undefined
  /** Workspace names by where they were given. */
  named: { header?: string; path?: string; label?: string; port?: string }
}

/** Host names and ids of the enabled vendors. */
export interface Directory {
  hosts: ReadonlyMap<string, string>
  ids: ReadonlySet<string>
  /** Vendors by first path segments that belong to them without their prefix. */
  ownPaths: ReadonlyMap<string, string>
}

/** Finds vendor, path and workspace name from host and URL alone: the same for a socket, a Host header or a prefix. */
export function locate(head: Head, directory: Directory): Location {
  const { authority, rest } = splitTarget(head.target)
  const mark = rest.indexOf('?')
  let path = mark < 0 ? rest : rest.slice(0, mark)
  const query = mark < 0 ? '' : rest.slice(mark + 1)
  if (path === '') path = '/'

  const { hostName, malformedHost } = hostOf(head, authority)
  const named: Location['named'] = {}
  const header = head.headers['x-sandbox-workspace']
  if (header !== undefined) named.header = String(header)
  if (head.portWorkspace !== undefined) named.port = head.portWorkspace
  if (path.startsWith('/@')) {
    const end = path.indexOf('/', 2)
    named.path = end < 0 ? path.slice(2) : path.slice(2, end)
    path = end < 0 ? '/' : path.slice(end)
  }

  const found: Location = { target: unknownTarget, path, query, hostName, malformedHost, named }
  // A URL whose authority cannot be read is for no vendor, whatever its path is.
  if (malformedHost?.in === 'target') return found
  const vendor = vendorOfHost(hostName, directory, named)
  const end = path.indexOf('/', 1)
  const first = end < 0 ? path.slice(1) : path.slice(1, end)
  if (vendor !== undefined) found.target = { kind: 'vendor', id: vendor }
  else if (first === '_sandbox') found.target = { kind: 'control' }
  else if (directory.ids.has(first)) {
    found.target = { kind: 'vendor', id: first }
    found.path = end < 0 ? '/' : path.slice(end)
  } else {
    const owner = directory.ownPaths.get(first)
    if (owner !== undefined) found.target = { kind: 'vendor', id: owner }
  }
  return found
}

const unknownTarget = { kind: 'unknown' } as const

/** True if path and query, without the sandbox's own prefixes, are longer than a limit in bytes. */
export function isTooLong({ path, query }: Pick<Location, 'path' | 'query'>, limitBytes: number): boolean {
  return path.length + query.length > limitBytes
}

/** The authority of an absolute target counts before the Host header; two Host headers are one that does not parse. */
function hostOf({ headers, rawHeaders }: Head, authority: string | undefined): Pick<Location, 'hostName' | 'malformedHost'> {
  const text = authority ?? (hasTwoHosts(rawHeaders) ? sentHosts(rawHeaders).join(', ') : headers['host'])
  if (text === undefined) return { hostName: '' }
  const host = parseHost(String(text))
  if (host) return { hostName: host.name }
  return { hostName: '', malformedHost: { in: authority === undefined ? 'header' : 'target', text: String(text) } }
}

function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]!.length === 4 && rawHeaders[at]!.toLowerCase() === 'host') count++
  return count > 1
}

function sentHosts(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_value, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === 'host')
}

const localSuffix = '.localhost'

function vendorOfHost(hostName: string, directory: Directory, named: Location['named']): string | undefined {
  const vendor = directory.hosts.get(hostName)
  if (vendor !== undefined || !hostName.endsWith(localSuffix)) return vendor
  const labels = hostName.slice(0, -localSuffix.length).split('.')
  const last = labels.at(-1) ?? ''
  if (labels.length > 2 || !directory.ids.has(last)) return undefined
  if (labels.length === 2) named.label = labels[0]
  return last
}
