import type { ConfiguredApp, Scope } from '../../contract.js'
import type { tables } from './tables.js'

/** The games with this Android or iOS bundle id, and what their receipts are judged by. */
export async function configuredApps(
  scope: Scope<typeof tables>,
  store: 'google_play' | 'app_store',
  id: string,
): Promise<readonly ConfiguredApp[]> {
  const games = await scope.transact((db) => db.games.list())
  return games
    .filter(({ androidBundleId, iosBundleId }) => (store === 'google_play' ? androidBundleId : iosBundleId) === id)
    .map(({ game, androidLicenseKey, appStoreRoots }) => ({ name: `game ${game}`, licenseKey: androidLicenseKey, roots: appStoreRoots }))
}
