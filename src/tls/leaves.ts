import { isIP } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { isDnsName } from '../kernel/host.js'
import { renewalDays, type Authority, type Leaf } from './authority.js'
import { permits, plainName } from './permitted-names.js'

/** The certificates that TLS ports show: one for each name, issued when a client first asks for it. */
export interface Leaves {
  /** For a client that sends no server name, or one that the authority may not certify. */
  nameless: { key: string; cert: string }
  /** For the server name a client sent. */
  contextFor(serverName: string): SecureContext
}

/** Leaves of an authority. `addresses` are those a client may reach the sandbox by without naming it. */
export function leavesOf(authority: Authority, addresses: readonly string[], now: () => number): Leaves {
  const names = ['localhost', ...new Set(addresses.filter((address) => permits(authority.permitted, address)))]
  const nameless = authority.issue(names)
  const known = new Map<string, { leaf: Leaf; context: SecureContext }>()
  const contextOf = ({ certificate }: Leaf) => createSecureContext({ key: authority.leafKey, cert: certificate, minVersion: 'TLSv1.2' })
  const namelessContext = contextOf(nameless)

  return {
    nameless: { key: authority.leafKey, cert: nameless.certificate },
    contextFor(serverName) {
      const name = plainName(serverName)
      if ((isIP(name) === 0 && !isDnsName(name)) || !permits(authority.permitted, name)) return namelessContext
      const found = known.get(name)
      known.delete(name)
      const fresh = found && found.leaf.expiresAt - now() > renewalDays * 86_400_000 ? found : issueFor(name)
      known.set(name, fresh)
      if (known.size > mostKept) known.delete(known.keys().next().value!)
      return fresh.context
    },
  }

  function issueFor(name: string): { leaf: Leaf; context: SecureContext } {
    const leaf = authority.issue([name])
    return { leaf, context: contextOf(leaf) }
  }
}

/** Names below a permitted one are without number, so the longest unused ones are forgotten. */
const mostKept = 500
