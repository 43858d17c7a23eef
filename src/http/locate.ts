import type { Head } from '../kernel/incoming.js'

/** Whose request this is, and the path as that one sees it. */
export interface Location {
  target: { kind: 'vendor'; id: string } | { kind: 'control' } | { kind: 'nobody' }
  /** Still percent-encoded, without query and without the sandbox's own prefixes. */
  path: string
  query: string
  /** Lower case, without port. */
  hostName: string
  /** Workspace names by where they were given. */
  named: { header?: string; path?: string; label?: string; port?: string }
}

/** What `locate` needs to know: host names and ids of the vendors that are on. */
export interface Directory {
  hosts: ReadonlyMap<string, string>
  ids: ReadonlySet<string>
}

/** Finds vendor, path and workspace name from host and URL alone: the same for a socket, a Host header or a prefix. */
export function locate(head: Head, directory: Directory): Location {
  const { target } = head
  let start = 0
  if (!target.startsWith('/') && target.includes('://')) {
    start = target.indexOf('/', target.indexOf('://') + 3)
    if (start < 0) start = target.length
  }
  const mark = target.indexOf('?', start)
  let path = mark < 0 ? target.slice(start) : target.slice(start, mark)
  const query = mark < 0 ? '' : target.slice(mark + 1)
  if (path === '') path = '/'

  const hostName = hostNameOf(head.host)
  const named: Location['named'] = {}
  const header = head.headers['x-sandbox-workspace']
  if (header !== undefined) named.header = String(header)
  if (head.portWorkspace !== undefined) named.port = head.portWorkspace
  if (path.startsWith('/@')) {
    const end = path.indexOf('/', 2)
    named.path = end < 0 ? path.slice(2) : path.slice(2, end)
    path = end < 0 ? '/' : path.slice(end)
  }

  const vendor = vendorOfHost(hostName, directory, named)
  if (vendor !== undefined) return { target: { kind: 'vendor', id: vendor }, path, query, hostName, named }
  const end = path.indexOf('/', 1)
  const first = end < 0 ? path.slice(1) : path.slice(1, end)
  if (first === '_sandbox') return { target: { kind: 'control' }, path, query, hostName, named }
  if (!directory.ids.has(first)) return { target: { kind: 'nobody' }, path, query, hostName, named }
  return { target: { kind: 'vendor', id: first }, path: end < 0 ? '/' : path.slice(end), query, hostName, named }
}

/** Whether path and query, without the sandbox's own prefixes, are longer than a limit in bytes. */
export function isTooLong({ path, query }: Pick<Location, 'path' | 'query'>, limitBytes: number): boolean {
  return path.length + query.length > limitBytes
}

/** A Host header's name: lower case, without port and without the root's dot. */
export function hostNameOf(host: string): string {
  const bracket = host.lastIndexOf(']')
  const colon = host.indexOf(':', bracket + 1)
  const name = (colon < 0 ? host : host.slice(0, colon)).toLowerCase()
  return name.endsWith('.') ? name.slice(0, -1) : name
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
