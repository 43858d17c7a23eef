import { createHash } from 'node:crypto'
import type { Developer, Product } from './tables.js'

/** A product as OUYA shows it, in product lists and in the reply to a purchase. */
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

/** Returns the wire form of a product. It always has prices, because older games crash without them. */
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

/** Returns the price of a product in currency units. */
export function localPriceOf(product: Pick<Product, 'priceInCents' | 'localPrice'>): number {
  return product.localPrice ?? product.priceInCents / 100
}

/** Returns the currency of a developer's prices; receipts without a currency are in US dollars. */
export function currencyOf(developer: Developer | undefined): string {
  return developer?.currency ?? 'USD'
}

/** Returns the same UUID for the same names, for ids that are not stored. */
export function derivedUuid(...names: string[]): string {
  const raw = createHash('sha256').update(JSON.stringify(names)).digest()
  raw[6] = (raw[6]! & 0x0f) | 0x80
  raw[8] = (raw[8]! & 0x3f) | 0x80
  const hex = raw.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

/** Returns a gamer's id for one developer. The vendor's guide says that each developer gets a different one. */
export function gamerUuidFor(developerId: string, gamerUuid: string): string {
  return derivedUuid('gamer', developerId, gamerUuid)
}

/** Formats an amount for sentences. */
export function money(cents: number): string {
  return (cents / 100).toFixed(2)
}
