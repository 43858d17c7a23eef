import { z } from 'zod'
import { table, type Table } from '../../src/kernel/table.js'
import type { KeyedRow, SeedRows, StoreOptions } from '../../src/store/store.js'

/** Tables of a small game shop. */
export const tables = new Map<string, Table>([
  ['shop.players', table(z.strictObject({ name: z.string(), level: z.int() }), ['name'], { byLevel: ({ level }) => String(level) })],
  [
    'shop.orders',
    table(z.strictObject({ id: z.string(), player: z.string().optional(), tags: z.array(z.string()).optional() }), ['id'], {
      byPlayer: (order) => order.player,
      byTag: ({ tags }) => tags,
    }),
  ],
  ['sandbox.faults', table(z.strictObject({ id: z.string(), hits: z.int() }), ['id'])],
])

/** Three players that every workspace starts with. */
export const seed: SeedRows = new Map([['shop.players', [player('ann', 1), player('bob', 2), player('cho', 2)]]])

/** A player's row with its key. */
export function player(name: string, level: number): KeyedRow {
  return { key: name, row: { name, level } }
}

/** Options of the stores that tests open. */
export function storeOptions(changes: Partial<StoreOptions> = {}): StoreOptions {
  return { tables, seed, workspaceLimit: 50, ...changes }
}
