import { z } from 'zod'
import type { JsonObject, PurchaseSummary, Table } from '../kernel/table.js'

/** Meaning of a state or an event, as the page colours it: a verdict, or plain. */
export const tones = ['accepted', 'repeated', 'pending', 'refused', 'failed', 'plain'] as const
export type Tone = (typeof tones)[number]

/** A purchase as a timeline shows it. One purchase can have rows in several tables of its vendor. */
export const purchaseRow = z.object({
  vendor: z.string(),
  table: z.string(),
  key: z.string(),
  at: z.iso.datetime().nullable().describe('Null: neither the row nor a kept entry says when'),
  product: z.string().nullable(),
  player: z.string().nullable(),
  order: z.string().nullable().describe('Order id, transaction id or token'),
  amount: z.string().nullable().describe('With its currency, such as 4.99 USD'),
  state: z.string().nullable().describe('State of the purchase, if its rows hold one'),
  tone: z.enum(tones).describe('Meaning of the state'),
  entry: z.string().nullable().describe('The traffic entry that recorded it'),
  rows: z.array(z.object({ table: z.string(), key: z.string() })).describe('All its rows'),
})
export type PurchaseRow = z.infer<typeof purchaseRow>

/** A purchase with the strings by which it is known elsewhere: order ids, tokens, transaction ids. */
export interface KnownPurchase {
  purchase: PurchaseRow
  ids: readonly string[]
}

/** Names of the tables that declare what their rows say about purchases. */
export function purchaseTables(tables: ReadonlyMap<string, Table>): string[] {
  return [...tables].filter(([, { purchase }]) => purchase !== undefined).map(([name]) => name)
}

/** Returns what a row of such a table says about its purchase, and the ids by which it is known. A short one, such as "1", says nothing. */
export function purchaseOf(name: string, table: Table, key: string, row: JsonObject): KnownPurchase {
  const [vendor = '', tableName = ''] = name.split('.')
  const { player, product, amount, state, at, ids }: PurchaseSummary = table.purchase?.(row) ?? { ids: [] }
  return {
    purchase: {
      vendor,
      table: tableName,
      key,
      at: at === undefined || at === null ? null : isoOrNull(at),
      product: product || null,
      player: player || null,
      order: ids.find((id) => id) ?? null,
      amount: amount ?? null,
      state: state ?? null,
      tone: toneOf(state),
      entry: typeof row['recordedBy'] === 'string' ? row['recordedBy'] : null,
      rows: [{ table: tableName, key }],
    },
    ids: [...new Set(ids.filter((id): id is string => (id ?? '').length >= shortestId))],
  }
}

/**
 * Joins the rows of one vendor that share an id, such as an order and the purchase that it made. Rows of one table are joined only if
 * they share an id themselves, because a receipt can hold several purchases. The order of the first rows stays.
 */
export function joinPurchases(all: readonly KnownPurchase[]): KnownPurchase[] {
  const groups: KnownPurchase[] = []
  const byId = new Map<string, KnownPurchase>()
  const idsByTable = new Map<KnownPurchase, Map<string, Set<string>>>()
  for (const one of all) {
    const { vendor, table } = one.purchase
    const isJoined = (group: KnownPurchase | undefined) => {
      const same = group && idsByTable.get(group)?.get(table)
      return group !== undefined && (same === undefined || one.ids.some((id) => same.has(id)))
    }
    const found = one.ids.map((id) => byId.get(`${vendor} ${id}`)).find(isJoined)
    if (found) Object.assign(found, { purchase: joined(found.purchase, one.purchase), ids: [...new Set([...found.ids, ...one.ids])] })
    const group = found ?? { ...one }
    if (!found) groups.push(group)
    const tables = idsByTable.get(group) ?? new Map<string, Set<string>>()
    idsByTable.set(group, tables.set(table, new Set([...(tables.get(table) ?? []), ...one.ids])))
    for (const id of one.ids) if (!byId.has(`${vendor} ${id}`)) byId.set(`${vendor} ${id}`, group)
  }
  return groups
}

/** The later table says what became of what the earlier one recorded. */
function joined(first: PurchaseRow, second: PurchaseRow): PurchaseRow {
  const { state, tone } = second.state === null ? first : second
  return {
    ...first,
    at: first.at ?? second.at,
    product: first.product ?? second.product,
    player: first.player ?? second.player,
    order: first.order ?? second.order,
    amount: first.amount ?? second.amount,
    state,
    tone,
    entry: first.entry ?? second.entry,
    rows: [...first.rows, ...second.rows],
  }
}

/** Returns the meaning of a state in the words of tables; plain if it is not among the common ones. */
function toneOf(state: string | undefined): Tone {
  const found = toneWords.find(([, words]) => state !== undefined && words.test(state))
  return found ? found[0] : 'plain'
}

const toneWords: readonly (readonly [Tone, RegExp])[] = [
  ['accepted', /^(legal|confirmed|recorded|reported|purchased|active|trial|bypass|entitlement|consumable|subscription)/],
  ['repeated', /^(double|repeated)/],
  ['pending', /^(queued|pending|undefined|in grace)/],
  ['refused', /^(illegal|denied|forged|failed)/],
]

const shortestId = 4

/** Null for a time that no calendar has; a game may have sent it. */
function isoOrNull(at: string | number): string | null {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}
