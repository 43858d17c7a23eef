import type { Head, Outgoing } from '../kernel/incoming.js'
import type { Reply } from '../kernel/reply.js'

/**
 * The answer to a browser that asks whether it may call a vendor from a page of another origin, under `--cors`; undefined for
 * every other request. No vendor documents such answers: a WebGL build could not be tested without.
 */
export function preflight(head: Head): Outgoing | undefined {
  if (head.method !== 'OPTIONS' || head.headers['origin'] === undefined) return undefined
  const method = head.headers['access-control-request-method']
  if (method === undefined) return undefined
  const headers: Record<string, string> = {
    ...allowOrigin(head),
    'Access-Control-Allow-Methods': String(method),
    'Access-Control-Max-Age': '600',
  }
  const asked = head.headers['access-control-request-headers']
  if (asked !== undefined) headers['Access-Control-Allow-Headers'] = String(asked)
  return { reply: { status: 204, headers, body: '' } }
}

/** A vendor's reply that a page of another origin may read. */
export function readableElsewhere(head: Head, reply: Reply): Reply {
  if (head.headers['origin'] === undefined) return reply
  return { ...reply, headers: { ...reply.headers, ...allowOrigin(head), 'Access-Control-Expose-Headers': '*' } }
}

function allowOrigin(head: Head): Record<string, string> {
  return { 'Access-Control-Allow-Origin': String(head.headers['origin']), Vary: 'Origin' }
}
