import { createHash } from 'node:crypto'
import type { Chain } from '../chains/chain.js'

/** Returns the id of a customer's download of the app: the same for every purchase of one customer, else one per purchase. */
export function appTransactionIdOf({ row, app }: Pick<Chain, 'row' | 'app'>): string {
  const owner = row.customer === undefined ? `purchase ${row.token}` : `customer ${row.customer}`
  const digest = createHash('sha256').update(`${app.bundleId}\0${owner}`).digest()
  return `704${String(digest.readUIntBE(0, 6) % 10 ** 15).padStart(15, '0')}`
}
