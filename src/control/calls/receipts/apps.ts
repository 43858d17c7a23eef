import type { ConfiguredApp, Vendor } from '../../../contract.js'
import type { Core } from '../../context.js'
import { scopeOf } from '../../../workspace/scope.js'
import type { Workspace } from '../../../workspace/workspace.js'

/** Every app that some vendor has under a package name or bundle id. */
export async function configuredApps(
  core: Core,
  space: Workspace,
  store: 'google_play' | 'app_store',
  id: string,
): Promise<(ConfiguredApp & { vendor: Vendor })[]> {
  const setting = await space.setting()
  const found = core.vendors.map(async (vendor) => {
    const apps = (await vendor.configuredApps?.(scopeOf(core, space, setting, vendor.id), store, id)) ?? []
    return apps.map((app) => ({ ...app, vendor }))
  })
  return (await Promise.all(found)).flat()
}
