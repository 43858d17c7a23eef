import { z } from 'zod'
import type { JsonObject, PurchaseSummary, Table } from '../kernel/table.js'

/** A row about a purchase in any vendor's table, as a timeline shows it. */
export const purchaseRow = z.object({
  vendor: z.string(),
  table: z.string(),
  key: z.string(),
  at: z.iso.datetime().nullable().describe('Null: neither the row nor a kept entry says when'),
  product: z.string().nullable(),
  player: z.string().nullable(),
  order: z.string().nullable().describe('Order id, transaction id or token'),
  amount: z.string().nullable().describe('With its currency, such as 4.99 USD'),
  state: z.string().nullable().describe('What the row says became of it'),
  entry: z.string().nullable().describe('The traffic entry that recorded it'),
})
export type PurchaseRow = z.infer<typeof purchaseRow>

/** Names of the tables that declare what their rows say about purchases. */
export function purchaseTables(tables: ReadonlyMap<string, Table>): string[] {
  return [...tables].filter(([, { purchase }]) => purchase !== undefined).map(([name]) => name)
}

/** Returns what a row of such a table says about its purchase. */
export function purchaseOf(name: string, table: Table, key: string, row: JsonObject): PurchaseRow {
  const [vendor = '', tableName = ''] = name.split('.')
  const { player, product, amount, state, at, ids }: PurchaseSummary = table.purchase?.(row) ?? { ids: [] }
  return {
    vendor,
    table: tableName,
    key,
    at: at === undefined || at === null ? null : isoOrNull(at),
    product: product || null,
    player: player || null,
    order: ids.find((id) => id) ?? null,
    amount: amount ?? null,
    state: state ?? null,
    entry: typeof row['recordedBy'] === 'string' ? row['recordedBy'] : null,
  }
}

/** Texts by which the purchase of a row is known elsewhere. A short one, such as "1", is part of too many other texts and is left out. */
export function purchaseIds(table: Table, row: JsonObject): string[] {
  const { ids } = table.purchase?.(row) ?? { ids: [] }
  return [...new Set(ids.filter((id): id is string => (id ?? '').length >= shortestId))]
}

const shortestId = 4

/** Null for a time that no calendar has; a game may have sent it. */
function isoOrNull(at: string | number): string | null {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}
