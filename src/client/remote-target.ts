import type { ControlClient } from './control-client.js'
import { nodeFetch } from '../kernel/node-fetch.js'

interface NamedVendor {
  id: string
  hosts: string[]
}

/**
 * Returns a function that maps a URL to the address of a sandbox that runs elsewhere. A vendor's own host name is mapped as well, because
 * the request would reach the real service otherwise. The name goes into the path, because fetch does not let a Host header be set.
 */
export function remoteTarget(base: string, client: ControlClient): (target: string) => Promise<string> {
  const { origin } = new URL(base)
  let asked: Promise<{ vendors: NamedVendor[] }> | undefined
  return async (target) => {
    const url = new URL(target)
    if (url.origin === origin) return target
    asked ??= client.call<{ vendors: NamedVendor[] }>('GET', 'vendors')
    const { vendors } = await asked
    const labels = /^(?:([^.]+)\.)?([^.]+)\.localhost$/.exec(url.hostname)
    const vendor = vendors.find(({ id, hosts }) => hosts.includes(url.hostname) || id === labels?.[2])
    const workspace = vendor && labels?.[1] !== undefined ? `/@${labels[1]}` : ''
    return `${base}${workspace}${vendor ? `/${vendor.id}` : ''}${url.pathname}${url.search}`
  }
}

/**
 * Sends a request to an address of a sandbox that runs elsewhere. It avoids the global fetch, because tests replace that to watch or
 * answer requests of the code under test. Like a sandbox in this process it follows no redirect, and it rejects as fetch does.
 */
export async function forward(request: Request, target: string): Promise<Response> {
  const { method, signal } = request
  const headers = Object.fromEntries([...request.headers].filter(([name]) => !ofTheConnection.has(name)))
  const body = request.body ? new Uint8Array(await request.arrayBuffer()) : undefined
  try {
    return await nodeFetch(target, { method, headers, body, signal })
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    throw new TypeError('fetch failed', { cause })
  }
}

/** Headers of a connection, which a host app has if it is mounted; the new connection gets its own. */
const ofTheConnection = new Set(['connection', 'content-length', 'expect', 'host', 'keep-alive', 'transfer-encoding', 'upgrade'])
