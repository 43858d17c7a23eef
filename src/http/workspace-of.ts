import type { Vendor } from '../contract.js'
import { BadRequest } from '../kernel/problem.js'
import type { Request } from '../kernel/request.js'
import type { Claims } from '../workspace/claims/claim-book.js'
import type { Setting } from '../workspace/workspace.js'
import { checkWorkspaceName, defaultWorkspace, type OpenWorkspace, type Workspaces } from '../workspace/workspaces.js'
import type { Location } from './locate.js'

/**
 * Name of the workspace of a request: the first of header, path, host label, port and claimed credential that is present.
 *
 * @throws Problem if the name is invalid, or the header and the path name different workspaces
 */
export function workspaceNameOf(location: Location, claims: Claims, caller?: { vendor: Vendor; request: Request }): string {
  const { header, path, label, port } = location.named
  if (header !== undefined && path !== undefined && header !== path) {
    throw new BadRequest({
      type: 'workspace-conflict',
      title: 'Two workspaces named.',
      detail: `The header says "${header}", the path "${path}". Send one of them.`,
    })
  }
  const named = header ?? path ?? label
  if (named !== undefined) return checkWorkspaceName(named)
  if (port !== undefined) return port
  if (caller?.vendor.credential && claims.hasCredentials(caller.vendor.id)) {
    const credential = caller.vendor.credential(caller.request)
    const owner = credential === undefined ? undefined : claims.ownerOf(caller.vendor.id, credential)
    if (owner !== undefined) return owner
  }
  return defaultWorkspace
}

/** The workspace of a request with its settings as they are now. */
export interface FoundWorkspace {
  open: OpenWorkspace
  setting: Setting
}

/**
 * Finds the workspace of a request, and makes it if it does not exist.
 *
 * @throws Problem if its name is invalid or there are too many workspaces; StoreUnavailable
 */
export function workspaceOf(
  location: Location,
  parts: { workspaces: Workspaces; claims: Claims },
  caller?: { vendor: Vendor; request: Request },
): Promise<FoundWorkspace> {
  const refreshing = caller?.vendor.credential ? parts.claims.refresh?.() : undefined
  const finding = find(location, parts, caller)
  if (!refreshing) return finding
  // Refreshed while the settings load, because a claim that another process made in between is rare.
  return Promise.all([finding, refreshing]).then(([found, hasChanged]) => (hasChanged ? find(location, parts, caller) : found))
}

async function find(
  location: Location,
  { workspaces, claims }: { workspaces: Workspaces; claims: Claims },
  caller?: { vendor: Vendor; request: Request },
): Promise<FoundWorkspace> {
  const opened = workspaces.open(workspaceNameOf(location, claims, caller))
  const open = opened instanceof Promise ? await opened : opened
  return { open, setting: await open.space.setting() }
}
