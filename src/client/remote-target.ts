import type { ControlClient } from './control-client.js'

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
