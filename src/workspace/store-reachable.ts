import type { Core } from '../core.js'
import type { StoreName } from '../marketplace/marketplace.js'
import { scopeOf } from './rows-written.js'
import type { Workspace } from './workspace.js'

/**
 * Lets every vendor do what had to wait for a store that answers again. Doing it once more is harmless: then nothing waits.
 *
 * @throws what a vendor throws, after all of them were told
 */
export async function tellReachable(core: Core, space: Workspace, store: StoreName): Promise<void> {
  const setting = await space.setting()
  const failures: unknown[] = []
  for (const vendor of core.vendors) {
    try {
      await vendor.onStoreReachable?.(scopeOf(core, space, setting, vendor.id), store)
    } catch (error) {
      failures.push(error)
    }
  }
  await space.settle()
  if (failures.length > 0) throw failures[0]
}
