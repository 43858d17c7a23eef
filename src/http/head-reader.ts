import type { Socket } from 'node:net'
import type { Head } from '../kernel/incoming.js'
import type { Location } from './locate.js'
import { headOf, type NodeRequest } from './sockets/node-messages.js'

/** The head of a request and where it leads. */
export interface ReadHead {
  readonly head: Head
  readonly location: Location
}

/**
 * Reads the heads of requests. A client repeats itself on a connection that it keeps, and then gets the head it had before: it is read
 * once, and traffic keeps it once.
 */
export function headReader(locate: (head: Head) => Location, portWorkspace: string | undefined): (request: NodeRequest) => ReadHead {
  const last = new WeakMap<Socket, ReadHead>()
  const read = (request: NodeRequest): ReadHead => {
    const head = headOf(request, portWorkspace)
    return { head, location: locate(head) }
  }
  return (request) => {
    // Streams of HTTP/2 share a socket and come mixed.
    if (request.httpVersionMajor > 1) return read(request)
    const before = last.get(request.socket)
    if (before && isSame(before.head, request)) return before
    const now = read(request)
    last.set(request.socket, now)
    return now
  }
}

function isSame(head: Head, request: NodeRequest): boolean {
  const before = head.rawHeaders
  const now = request.rawHeaders
  if (head.target !== request.url || head.method !== request.method) return false
  if (before.length !== now.length || head.httpVersion !== request.httpVersion) return false
  // The last ones differ most, such as a length or a signature.
  for (let at = now.length - 1; at >= 0; at--) if (before[at] !== now[at]) return false
  return true
}
