import { z } from 'zod'
import type { JsonObject, Table } from '../kernel/table.js'
import { parsedBody } from './parsed-body.js'
import type { Entry } from './traffic.js'

type Summary = NonNullable<Table['purchase']>

/** Facts about a purchase that a request names, whether it was accepted or not. */
export interface PurchaseFacts {
  player: string | null
  product: string | null
  /** With its currency. */
  amount: string | null
}

/** Declarations of the tables that summarise purchases, by the id of their vendor. */
export type FactTables = ReadonlyMap<string, readonly FactTable[]>

interface FactTable {
  summary: Summary
  /** Schemas of the members of its rows. */
  members: Table['schema']['shape']
}

/** Collects the declarations from tables by full name. */
export function factTablesOf(tables: ReadonlyMap<string, Table>): FactTables {
  const found = new Map<string, FactTable[]>()
  for (const [name, { purchase, schema }] of tables) {
    const vendor = name.slice(0, name.indexOf('.'))
    if (purchase) found.set(vendor, [...(found.get(vendor) ?? []), { summary: purchase, members: schema.shape }])
  }
  return found
}

/** Returns the facts of an entry: from the rows that it wrote, else from what was sent, read as a row of the vendor's tables would be. */
export function purchaseFacts(entry: Entry, tables: FactTables): PurchaseFacts {
  const known = cache.get(entry)
  if (known) return known
  const { player, product, amount } = readSent(entry, entry.vendor === null ? [] : (tables.get(entry.vendor) ?? []))
  const { purchase } = entry
  const facts = { player: purchase?.player || player, product: purchase?.product || product, amount: purchase?.amount || amount }
  cache.set(entry, facts)
  return facts
}

function readSent(entry: Entry, tables: readonly FactTable[]): PurchaseFacts {
  const facts: PurchaseFacts = { player: null, product: null, amount: null }
  if (tables.length === 0) return facts
  const body = entry.revealed.request ?? parsedBody(entry.body, String(entry.head.headers['content-type'] ?? ''))
  const row: JsonObject = { body: typeof body === 'object' && body !== null ? body : {}, warnings: [] }
  addMembers(body, row)
  addMembers(Object.fromEntries(new URLSearchParams(entry.query)), row)
  for (const { summary, members } of tables) {
    const said = attempt(summary, validMembers(row, members, entry.head.headers))
    for (const fact of ['player', 'product', 'amount'] as const) facts[fact] ??= plainText(said?.[fact])
  }
  // Some tables keep the price as sent; what is not a number is left out.
  if (facts.amount !== null && !/^[-+]?[.\d]/.test(facts.amount)) facts.amount = null
  facts.product ??= plainText(row['productId'] ?? row['product'] ?? row['identifier'])
  return facts
}

/** The members that a row could hold, as a value that the rule refused would be read wrongly; headers can hold them as well. */
function validMembers(sent: JsonObject, members: FactTable['members'], headers: Entry['head']['headers']): JsonObject {
  const row = { ...sent }
  for (const [name, schema] of Object.entries(members)) {
    row[name] ??= headers[name.toLowerCase()]
    if (row[name] !== undefined && !z.safeParse(schema, row[name]).success) delete row[name]
  }
  return row
}

/** A summary takes valid rows; what was sent may be anything. */
function attempt(summary: Summary, row: JsonObject) {
  try {
    return summary(row)
  } catch {
    return undefined
  }
}

/** A text that no missing member has left a trace in. */
function plainText(value: unknown): string | null {
  if (typeof value !== 'string' || value === '' || /\b(NaN|undefined|null)\b|\[object/.test(value)) return null
  return value.length > longestFact ? `${value.slice(0, longestFact)}…` : value
}

/** Adds members under the names that rows have. Outer members come first, as a receipt within them may name another product. */
function addMembers(value: unknown, row: JsonObject, depth = 0): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  const members = Object.entries(value)
  for (const [name, member] of members) row[camelCase(name)] ??= member
  if (depth === deepest) return
  for (const [, member] of members) addMembers(typeof member === 'string' ? jsonIn(member) : member, row, depth + 1)
}

/** JSON within a string, as purchase data are sent. */
function jsonIn(text: string): unknown {
  if (!text.startsWith('{') || text.length > longestJson) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())
}

const deepest = 4
const longestJson = 65_536
const longestFact = 100
const cache = new WeakMap<Entry, PurchaseFacts>()
