import type { Vendor } from '../contract.js'
import { Problem } from '../kernel/problem.js'
import type { Request } from '../kernel/request.js'
import { checkWorkspaceName, defaultWorkspace } from '../workspace/workspaces.js'
import type { Claims } from './claims.js'
import type { Location } from './locate.js'

/**
 * The workspace of a request: the first of header, path, host label, port and claimed credential that is there.
 *
 * @throws Problem when the name is none, or header and path differ
 */
export function chooseWorkspace(location: Location, vendor: Vendor | undefined, request: Request | undefined, claims: Claims): string {
  const { header, path, label, port } = location.named
  if (header !== undefined && path !== undefined && header !== path) {
    throw new Problem(
      400,
      'workspace-conflict',
      'Two workspaces named.',
      `The header says "${header}", the path "${path}". Send one of them.`,
    )
  }
  const named = header ?? path ?? label
  if (named !== undefined) return checkWorkspaceName(named)
  if (port !== undefined) return port
  if (vendor?.credential && request && claims.hasCredentials(vendor.id)) {
    const credential = vendor.credential(request)
    const owner = credential === undefined ? undefined : claims.ownerOf(vendor.id, credential)
    if (owner !== undefined) return owner
  }
  return defaultWorkspace
}
