import type { Request } from '../../../kernel/request.js'
import type { Environment } from '../tables.js'

/** Path prefix that means the sandbox environment where the host does not decide it. */
export const sandboxPrefix = '/sandbox'

/** Hosts of the sandbox environment. */
const sandboxHosts: ReadonlySet<string> = new Set([
  'sandbox.itunes.apple.com',
  'api.storekit-sandbox.apple.com',
  'api.storekit-sandbox.itunes.apple.com',
])

/** Returns the environment of a request: the host decides it, and on hosts of the sandbox itself the prefix of the path. */
export function environmentOf({ host, path }: Pick<Request, 'host' | 'path'>): Environment {
  return sandboxHosts.has(host) || path.startsWith(`${sandboxPrefix}/`) ? 'Sandbox' : 'Production'
}
