import type { Vendor } from '../contract.js'
import type { Request } from '../kernel/request.js'
import type { Setting } from '../workspace/workspace.js'
import type { OpenWorkspace, Workspaces } from '../workspace/workspaces.js'
import { chooseWorkspace } from './choose-workspace.js'
import type { Claims } from './claims.js'
import type { Location } from './locate.js'

/** The workspace of a request, and how it is set at this moment. */
export interface FoundWorkspace {
  open: OpenWorkspace
  setting: Setting
}

/**
 * Finds the workspace of a request, made where it is not there; at once where the store keeps all of it in memory.
 *
 * @throws Problem when its name is none, or there are too many; StoreUnavailable
 */
export function findWorkspace(
  asked: { location: Location; vendor: Vendor | undefined; request: Request },
  { workspaces, claims }: { workspaces: Workspaces; claims: Claims },
): FoundWorkspace | Promise<FoundWorkspace> {
  const { location, vendor, request } = asked
  const find = () => withSetting(workspaces.open(chooseWorkspace(location, vendor, request, claims)))
  // Asked beside the settings, as a claim that another process made meanwhile is a rare thing.
  const refreshed = vendor?.credential ? claims.refresh?.() : undefined
  const found = find()
  if (!refreshed) return found
  return Promise.all([found, refreshed]).then(([first, isOther]) => (isOther ? find() : first))
}

function withSetting(open: OpenWorkspace | Promise<OpenWorkspace>): FoundWorkspace | Promise<FoundWorkspace> {
  if (open instanceof Promise) return open.then(withSetting)
  const setting = open.space.setting()
  return setting instanceof Promise ? setting.then((loaded) => ({ open, setting: loaded })) : { open, setting }
}
