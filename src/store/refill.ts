import type { Dump } from './store.js'
import type { Transaction } from './rows/transaction.js'

/**
 * Makes a freshly filled workspace hold exactly these rows in this order, and still share with its seed what is the same: rows
 * of the seed stay where they are as long as both go in one order.
 */
export function fillExactly(transaction: Transaction, dump: Dump): void {
  const { seed } = transaction.workspace
  for (const name of new Set([...seed.tables.keys(), ...Object.keys(dump)])) {
    const table = seed.tables.get(name)
    const rows = dump[name] ?? []
    const inPlace = new Set<string>()
    let last = -1
    for (const { key } of rows) {
      const position = table?.position(key)
      if (position === undefined || position <= last) break
      inPlace.add(key)
      last = position
    }
    for (const { key } of table?.rows ?? []) if (!inPlace.has(key)) transaction.deleteNow(name, key)
    for (const { key, row } of rows) {
      const seeded = inPlace.has(key) ? table?.rows[table.position(key)!] : undefined
      if (!seeded || JSON.stringify(seeded.row) !== JSON.stringify(row)) transaction.put(name, key, row)
    }
  }
}
