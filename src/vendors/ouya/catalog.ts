import { createHash } from 'node:crypto'
import type { Developer, Product } from './tables.js'

/** A product as OUYA shows it, in product lists and in the answer to a purchase. */
export interface ShownProduct {
  type: Product['type']
  identifier: string
  name: string
  description: string
  priceInCents: number
  localPrice: number
  originalPrice: number
  percentOff: number
}

/** Gives a product its wire form. Prices are always there, since older games crash without them. */
export function showProduct(product: Product): ShownProduct {
  const localPrice = localPriceOf(product)
  const percentOff = product.percentOff ?? 0
  return {
    type: product.type,
    identifier: product.identifier,
    name: product.name,
    description: product.description ?? '',
    priceInCents: product.priceInCents,
    localPrice,
    originalPrice: percentOff < 100 ? Math.round((localPrice * 10_000) / (100 - percentOff)) / 100 : localPrice,
    percentOff,
  }
}

/** What a product costs in currency units. */
export function localPriceOf(product: Pick<Product, 'priceInCents' | 'localPrice'>): number {
  return product.localPrice ?? product.priceInCents / 100
}

/** What a developer's prices are in; receipts without one mean US dollars. */
export function currencyOf(developer: Developer | undefined): string {
  return developer?.currency ?? 'USD'
}

/** The same UUID for the same names, for ids that nobody stores. */
export function derivedUuid(...names: string[]): string {
  const raw = createHash('sha256').update(JSON.stringify(names)).digest()
  raw[6] = (raw[6]! & 0x0f) | 0x80
  raw[8] = (raw[8]! & 0x3f) | 0x80
  const hex = raw.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

/** A gamer's id as one developer sees it: the vendor's guide says that it differs from developer to developer. */
export function gamerUuidFor(developerId: string, gamerUuid: string): string {
  return derivedUuid('gamer', developerId, gamerUuid)
}

/** Amounts for people. */
export function money(cents: number): string {
  return (cents / 100).toFixed(2)
}
