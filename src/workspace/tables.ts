import { z } from 'zod'
import type { Vendor } from '../contract.js'
import { table, type RowOf, type Table } from '../kernel/table.js'
import { purchases, storeNames } from '../marketplace/marketplace.js'

const jsonObject = z.record(z.string(), z.unknown())

const clock = table(z.strictObject({ id: z.literal('clock'), now: z.number(), setAt: z.number(), frozen: z.boolean() }), ['id'])
const upstreams = table(z.strictObject({ store: z.enum(storeNames), reachable: z.boolean() }), ['store'])
/** Position of the id source, in bytes drawn; kept only under `--random-seed`. */
const ids = table(z.strictObject({ id: z.literal('ids'), position: z.number() }), ['id'])
const faults = table(
  z.strictObject({
    id: z.string(),
    /** Order of creation. */
    order: z.number(),
    rule: jsonObject,
    /** Requests that matched, and of those the ones it was applied to. */
    matched: z.number(),
    hits: z.number(),
    /** Ready set that it belongs to. */
    profile: z.string().optional(),
  }),
  ['id'],
)
const timers = table(z.strictObject({ vendor: z.string(), id: z.string(), kind: z.string(), at: z.number(), data: jsonObject }), [
  'vendor',
  'id',
])
const attempt = z.strictObject({
  at: z.string(),
  status: z.number().nullable(),
  body: z.string().optional(),
  error: z.string().optional(),
  durationMs: z.number().optional(),
  /** Headers that were made for this attempt. */
  headers: z.record(z.string(), z.string()).optional(),
})
const deliveries = table(
  z.strictObject({
    id: z.string(),
    vendor: z.string(),
    kind: z.string(),
    event: z.string(),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    lane: z.string(),
    data: jsonObject.optional(),
    status: z.enum(['waiting', 'delivered', 'failed']),
    attempts: z.array(attempt),
  }),
  ['id'],
  { status: (row) => row.status },
)

/** Last number of a fault, kept when one is deleted, so that no id is used twice. */
const counters = table(z.strictObject({ id: z.literal('faults'), last: z.number() }), ['id'])

export type FaultRow = RowOf<typeof faults>
export type TimerRow = RowOf<typeof timers>
export type DeliveryRow = RowOf<typeof deliveries>

/** The sandbox's own rows of a workspace, by full name; the control API shows them through their own calls, not as tables. */
export const sandboxTables: ReadonlyMap<string, Table> = new Map<string, Table>([
  ['sandbox.clock', clock],
  ['sandbox.upstreams', upstreams],
  ['sandbox.ids', ids],
  ['sandbox.faults', faults],
  ['sandbox.counters', counters],
  ['sandbox.timers', timers],
  ['sandbox.deliveries', deliveries],
])

const claims = table(
  z.strictObject({
    workspace: z.string(),
    ports: z.array(z.int()),
    credentials: z.array(z.strictObject({ vendor: z.string(), value: z.string() })),
  }),
  ['workspace'],
  { port: ({ ports }) => ports.map(String), credential: ({ credentials }) => credentials.map(({ vendor, value }) => `${vendor}/${value}`) },
)

export type ClaimRow = RowOf<typeof claims>

/** Number of starts over this data directory. */
const starts = table(z.strictObject({ id: z.literal('starts'), count: z.int() }), ['id'])

/** Tables beside those of workspaces, by full name: claims, and the number of starts. */
export const registryTables: ReadonlyMap<string, Table> = new Map<string, Table>([
  ['registry.claims', claims],
  ['registry.starts', starts],
])

/** Tables of the marketplace, shown beside the vendors'. */
export const marketplaceTables: ReadonlyMap<string, Table> = new Map<string, Table>([['marketplace.purchases', purchases]])

/** The tables that people see and seed of these vendors, by full name, and those of the simulated stores. */
export function visibleTables(vendors: readonly Vendor[]): Map<string, Table> {
  const tables = new Map<string, Table>()
  for (const vendor of vendors) for (const [name, own] of Object.entries(vendor.tables)) tables.set(`${vendor.id}.${name}`, own)
  for (const [name, own] of marketplaceTables) tables.set(name, own)
  return tables
}
