import type { ConfiguredApp, Scope } from '../../contract.js'
import type { tables } from './tables.js'

/** The app with this package name or bundle id, and what its receipts are judged by. */
export function configuredApps(
  scope: Scope<typeof tables>,
  store: 'google_play' | 'app_store',
  id: string,
): Promise<readonly ConfiguredApp[]> {
  return scope.transact(async (db) => {
    if (store === 'google_play') {
      const app = await db.playStoreApps.get(id)
      return app ? [{ name: `Play Store app ${id}`, licenseKey: app.licenseKey }] : []
    }
    const app = await db.appStoreApps.get(id)
    return app ? [{ name: `App Store app ${id}`, roots: app.roots }] : []
  })
}
