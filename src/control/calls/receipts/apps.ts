import type { ConfiguredApp, Vendor } from '../../../contract.js'
import type { ControlContext } from '../../context.js'
import { scopeOf } from '../../../workspace/scope.js'
import type { Workspace } from '../../../workspace/workspace.js'

/** Returns the apps of all vendors with a package name or bundle id. */
export async function configuredApps(
  context: ControlContext,
  space: Workspace,
  store: 'google_play' | 'app_store',
  id: string,
): Promise<(ConfiguredApp & { vendor: Vendor })[]> {
  const setting = await space.setting()
  const found = context.vendors.map(async (vendor) => {
    const apps = (await vendor.configuredApps?.(scopeOf(context, space, setting, vendor.id), store, id)) ?? []
    return apps.map((app) => ({ ...app, vendor }))
  })
  return (await Promise.all(found)).flat()
}
