import { currencyOf, derivedUuid, showProduct } from './catalog.js'
import type { Developer, Game, Gamer, Product } from './tables.js'
import type { Rows } from './calls.js'

/** The apps in which a gamer bought something, as the launcher shows them; in the order of the first purchase. */
export async function boughtApps(db: Rows, gamer: Gamer): Promise<ShownApp[]> {
  const packages = new Set((await db.purchases.where('byGamer', gamer.username)).map((purchase) => purchase.package))
  const apps: ShownApp[] = []
  for (const name of packages) {
    const game = await db.games.get(name)
    if (!game) continue
    const developer = await db.developers.get(game.developerId)
    const promoted = promotedOf(game, await db.products.where('byDeveloper', game.developerId))
    apps.push(showApp(game, developer, promoted))
  }
  return apps
}

/** An app with the fields and in the spelling of the recorded list. */
export type ShownApp = ReturnType<typeof showApp>

function showApp(game: Game, developer: Developer | undefined, promoted: Product | undefined) {
  const listing = game.listing ?? {}
  const updatedAt = new Date(listing.updatedAt ?? launchDay)
  return {
    package: game.package,
    title: game.title ?? game.package,
    type: 'app' as const,
    url: `ouya://launcher/details?app=${game.package}`,
    image: listing.image ?? '',
    contentRating: listing.contentRating ?? 'Everyone',
    genres: listing.genres ?? [],
    gamerNumbers: listing.gamerNumbers ?? [1],
    inAppPurchases: true,
    premium: listing.premium ?? false,
    updated_at: Math.floor(updatedAt.getTime() / 1000),
    updatedAt: updatedAt.toISOString().replace(/\.\d+Z$/, 'Z'),
    latestVersion: {
      uuid: listing.versionUuid ?? derivedUuid('version', game.package),
      versionNumber: listing.versionNumber ?? '1.0',
      apk: { md5sum: listing.md5sum ?? null },
    },
    rating: { count: listing.ratingCount ?? 0, average: listing.ratingAverage ?? 0 },
    ...(promoted && { promotedProduct: showPromoted(promoted, developer) }),
  }
}

function showPromoted(product: Product, developer: Developer | undefined) {
  const { type, identifier, name, description, localPrice, originalPrice, percentOff } = showProduct(product)
  const developerName = developer?.name ?? ''
  return { type, developerName, identifier, name, description, localPrice, originalPrice, percentOff, currency: currencyOf(developer) }
}

function promotedOf(game: Game, products: readonly Product[]): Product | undefined {
  const wished = game.listing?.promotedProduct
  return products.find((product) => (wished === undefined ? product.type === 'entitlement' : product.identifier === wished))
}

/** When the console went on sale: the date of apps whose row has none. */
const launchDay = '2013-06-25T00:00:00Z'
