import { z } from 'zod'
import type { JsonObject, Table } from '../kernel/table.js'

/** A row about a purchase in any vendor's table, as a timeline shows it. */
export const purchaseRow = z.object({
  vendor: z.string(),
  table: z.string(),
  key: z.string(),
  at: z.iso.datetime().nullable().describe('Null: neither the row nor a kept entry says when'),
  product: z.string().nullable(),
  player: z.string().nullable(),
  state: z.string().nullable().describe('What the row says became of it, where it does'),
  entry: z.string().nullable().describe('The traffic entry that recorded it'),
})
export type PurchaseRow = z.infer<typeof purchaseRow>

/**
 * The vendors' tables that hold purchases: those named after purchases or orders. The simulated stores' own table is not among
 * them, as it is what vendors ask about.
 */
export function purchaseTables(tables: ReadonlyMap<string, Table>): string[] {
  return [...tables.keys()].filter((name) => !name.startsWith('marketplace.') && purchaseName.test(name.slice(name.indexOf('.') + 1)))
}

/** Reads what every vendor's row says in its own words: when, what, who, and what became of it. */
export function purchaseOf(name: string, key: string, row: JsonObject): PurchaseRow {
  const [vendor = '', table = ''] = name.split('.')
  const members = [...flatMembers(row)]
  return {
    vendor,
    table,
    key,
    at: momentIn(members),
    product: textIn(members, productName),
    player: textIn(members, playerName),
    state: textIn(members, stateName),
    entry: typeof row['recordedBy'] === 'string' ? row['recordedBy'] : null,
  }
}

/** Texts in a row by which its purchase is known elsewhere: order ids, tokens, transaction ids; what it shares with others is left out. */
export function purchaseIds(table: Table, row: JsonObject): string[] {
  const own = table.key.filter((field) => !sharedName.test(field))
  const ids = [...flatMembers(row)].flatMap(([name, value]) => {
    const isId = own.includes(name) || (idName.test(name) && !sharedName.test(name))
    return isId && typeof value === 'string' && value.length >= shortestId ? [value] : []
  })
  return [...new Set(ids)]
}

const purchaseName = /purchase|order/i
const productName = /product|sku|^identifier$|item/i
const playerName = /user|player|gamer/i
const stateName = /state$|status$|^type$/i
const idName = /(id|ids|token|uuid|order|transaction)$/i
const sharedName =
  /^(user|player|gamer|game|app|developer|product|sku|item|package|bundle|identifier|sender|receiver|recorded|currency|fact)/i
const momentNames = ['purchasedAt', 'happenedAt', 'at', 'createdAt']
const shortestId = 4
const earliestMs = Date.UTC(2000, 0)
const latestMs = Date.UTC(3000, 0)

/** Members of a row and, after them, of the objects and lists in it. */
function* flatMembers(value: JsonObject, depth = 0): Iterable<readonly [string, unknown]> {
  for (const [name, member] of Object.entries(value)) if (typeof member !== 'object') yield [name, member]
  if (depth > 3) return
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== 'object' || member === null) continue
    if (!Array.isArray(member)) yield* flatMembers(member as JsonObject, depth + 1)
    else for (const one of member) yield* flatMembers({ [name]: one }, depth + 1)
  }
}

function textIn(members: readonly (readonly [string, unknown])[], form: RegExp): string | null {
  const found = members.find(([name, value]) => form.test(name) && typeof value === 'string' && value !== '')
  return found ? String(found[1]) : null
}

function momentIn(members: readonly (readonly [string, unknown])[]): string | null {
  const wanted = [
    ...momentNames.flatMap((wish) => members.filter(([name]) => name === wish)),
    ...members.filter(([name]) => /(at|time|date)$/i.test(name)),
  ]
  for (const [, value] of wanted) {
    const ms =
      typeof value === 'number' ? value : typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN
    if (ms >= earliestMs && ms < latestMs) return new Date(ms).toISOString()
  }
  return null
}
