import { z } from 'zod'
import { mentions, wordsOfDelivery } from '../../inspector/mentions.js'
import { joinPurchases, purchaseOf, purchaseRow, purchaseTables, type KnownPurchase } from '../../inspector/purchase-rows.js'
import { concerns, storyEvent, tellStory } from '../../inspector/purchase-story.js'
import { NotFound } from '../../kernel/problem.js'
import { canonicalKey } from '../../kernel/table.js'
import { purchaseActions } from '../../marketplace/actions.js'
import { fittingActions } from '../../marketplace/fitting-actions.js'
import { storeNames, type StorePurchase } from '../../marketplace/marketplace.js'
import type { KeyedRow } from '../../store/store.js'
import type { Traffic } from '../../traffic/traffic.js'
import type { DeliveryRow } from '../../workspace/tables.js'
import type { Workspace } from '../../workspace/workspace.js'
import { controlCall } from '../call.js'
import { queryNumber } from '../query-number.js'
import type { ControlContext } from '../context.js'
import { Page } from '../page.js'
import { checkFilter } from './filter-check.js'

const listQuery = z.strictObject({
  limit: queryNumber({ min: 1, max: 1000 }).default(100),
  skip: queryNumber({ min: 0 }).default(0).describe('Number of the newest purchases to leave out'),
  vendor: z.string().optional(),
  player: z.string().optional(),
  state: z.string().optional(),
  search: z.string().optional().describe('In product, player, state and ids; case-insensitive'),
  delivery: z.string().optional().describe('Id of a webhook delivery: the purchases that it is about'),
})

/** A purchase in the list. */
export const listedPurchase = purchaseRow.extend({
  requests: z.number().describe('Kept requests that concern it'),
  webhooks: z.number().describe('Deliveries that concern it'),
})

const purchaseList = z.object({
  purchases: z.array(listedPurchase),
  total: z.number(),
  older: z
    .array(z.object({ vendor: z.string(), table: z.string(), rows: z.number() }))
    .describe('Tables with more rows than the newest 2,000, and how many rows of each were neither listed nor searched'),
})
export type PurchaseList = z.infer<typeof purchaseList>

/** Name of a purchase at its store. */
const storeToken = z.object({
  store: z.enum(storeNames),
  token: z.string(),
  isKnown: z.boolean().describe('False: the store has no row of it; an action makes one'),
  actions: z.array(z.enum(purchaseActions)).describe('Actions without a body that would change it'),
})
export type StoreToken = z.infer<typeof storeToken>

/** Purchases of all vendors, read from their tables: a timeline, and the history of one purchase. */
export const purchaseCalls = [
  controlCall({
    method: 'GET',
    path: '/purchases',
    tag: 'inspector',
    summary: 'Purchases of all vendors on one timeline, newest first, from the newest 2,000 rows of each table; a page ends early at 8 MiB',
    query: listQuery,
    answers: { 200: { description: 'A page of purchases', schema: purchaseList } },
    async handle({ context, query, reading }) {
      checkFilter(context.vendors, { vendor: query.vendor })
      const { space, traffic } = await reading()
      const { vendor, player, state, search = '' } = query
      const sent = await deliveriesOf(space)
      const about = query.delivery === undefined ? undefined : sent.find(({ id }) => id === query.delivery)
      const { known, older } = await readPurchases(context, space, { traffic, vendor })
      const all = known.filter(
        ({ purchase, ids }) =>
          (query.delivery === undefined || (about !== undefined && mentions(wordsOfDelivery(about), ids))) &&
          (player === undefined || purchase.player === player) &&
          (state === undefined || purchase.state === state) &&
          [purchase.product, purchase.player, purchase.state, ...ids].join(' ').toLowerCase().includes(search.toLowerCase()),
      )
      const deliveries = sent.map(wordsOfDelivery)
      const kept = traffic.kept()
      const page = new Page(query.limit)
      for (const { purchase, ids } of all.slice(query.skip)) {
        const rows = fullRows(purchase)
        const isRoom = page.add({
          ...purchase,
          requests: kept.filter((entry) => entry.vendor === purchase.vendor && concerns(entry, rows, ids)).length,
          webhooks: deliveries.filter((words) => mentions(words, ids)).length,
        })
        if (!isRoom) break
      }
      return page.response('purchases', { total: all.length, older })
    },
  }),
  controlCall({
    method: 'GET',
    path: '/purchases/{vendor}/{table}/{key*}',
    tag: 'inspector',
    summary: 'History of one purchase in time order: requests, changes of the simulated store, webhooks, moves of the clock',
    answers: {
      200: {
        description: 'The row and its events',
        schema: z.object({
          purchase: purchaseRow,
          row: z.record(z.string(), z.unknown()),
          tokens: z.array(storeToken).describe('Names under which stores know it'),
          events: z.array(storyEvent),
        }),
      },
      404: { description: 'Row not found' },
    },
    async handle({ context, params, workspaceName, reading }) {
      const name = `${params['vendor']}.${params['table']}`
      const key = canonicalKey(params['key'] ?? '') ?? ''
      const table = context.tables.get(name)
      const { space, traffic } = await reading()
      const { value } = await space.transact(async (rows) => ({
        row: table && (await rows.get(name, key)),
        storeRows: await rows.list('marketplace.purchases'),
      }))
      const { row, storeRows } = value
      if (!table || !row)
        throw new NotFound({
          type: 'unknown-row',
          title: 'Row not found.',
          detail: `${name} has no row "${key}"; GET /_sandbox/purchases lists them.`,
        })
      const { known: joined } = await readPurchases(context, space, { traffic, vendor: params['vendor'] })
      const isMine = ({ purchase }: KnownPurchase) => purchase.rows.some((one) => one.table === params['table'] && one.key === key)
      const { purchase, ids } = joined.find(isMine) ?? purchaseOf(name, table, key, row)
      const rows = fullRows(purchase)
      const kept = traffic.kept().filter((entry) => entry.vendor === purchase.vendor && concerns(entry, rows, ids))
      const events = tellStory({
        ids,
        kept,
        deliveries: await deliveriesOf(space),
        storeRows,
        notes: context.notes.of(workspaceName),
      })
      return {
        purchase,
        row,
        tokens: tokensOf(row, {
          storeRows,
          ids,
          asked: kept.flatMap(({ asked }) => asked.map(({ store }) => store)),
          now: space.now(await space.setting()),
        }),
        events,
      }
    },
  }),
]

/** Every purchase of the newest rows, newest first, and the tables with rows that are older than those. */
export async function readPurchases(
  context: ControlContext,
  space: Workspace,
  { traffic, vendor }: { traffic: Traffic; vendor?: string | undefined },
): Promise<{ known: KnownPurchase[]; older: PurchaseList['older'] }> {
  const names = purchaseTables(context.tables).filter((name) => vendor === undefined || name.startsWith(`${vendor}.`))
  const { value } = await space.transact((rows) => Promise.all(names.map((name) => rows.list(name))))
  const entryTimes = new Map(traffic.kept().map(({ id, at }) => [id, at]))
  const all = value.flatMap((rows, at) =>
    // Rows are listed in the order of writing, so the newest are at the end of each table.
    rows.slice(-newestRows).map(({ key, row }) => purchaseOf(names[at]!, context.tables.get(names[at]!)!, key, row)),
  )
  for (const { purchase } of all) {
    const seen = purchase.entry === null ? undefined : entryTimes.get(purchase.entry)
    // The time of a kept entry is more reliable than the one that the game reported.
    if (seen !== undefined) purchase.at = new Date(seen).toISOString()
  }
  // Of rows written at the same time the later one is newer.
  const known = joinPurchases(all)
    .toReversed()
    .sort((a, b) => (b.purchase.at ?? '').localeCompare(a.purchase.at ?? ''))
  const older = names.flatMap((name, at) => {
    const [vendorId = '', table = ''] = name.split('.')
    const rows = value[at]!.length - newestRows
    return rows > 0 ? [{ vendor: vendorId, table, rows }] : []
  })
  return { known, older }
}

async function deliveriesOf(space: Workspace): Promise<DeliveryRow[]> {
  const { value } = await space.transact((rows) => rows.list('sandbox.deliveries'))
  // Rows of this table are written by the sandbox alone.
  return value.map(({ row }) => row as DeliveryRow)
}

function fullRows({ vendor, rows }: KnownPurchase['purchase']): { table: string; key: string }[] {
  return rows.map(({ table, key }) => ({ table: `${vendor}.${table}`, key }))
}

interface StoreSources {
  storeRows: readonly KeyedRow[]
  ids: readonly string[]
  /** Stores that a vendor asked about the purchase. */
  asked: readonly string[]
  /** By the workspace's clock. */
  now: Date
}

/** The stores' rows of a purchase; without one, the store that was asked about it, and the token in its row. */
function tokensOf(row: Record<string, unknown>, { storeRows, ids, asked, now }: StoreSources): StoreToken[] {
  // Rows of this table passed its schema at the boundary.
  const known = storeRows.map((one) => one.row as StorePurchase).filter(({ token }) => ids.includes(token))
  const own = known.map((one) => ({ store: one.store, token: one.token, isKnown: true, actions: fittingActions(one.store, one, now) }))
  const token = row['purchaseToken'] ?? row['source']
  const store = storeNames.find((name) => name === asked[0])
  if (own.length > 0 || typeof token !== 'string' || store === undefined) return own
  return [{ store, token, isKnown: false, actions: fittingActions(store, undefined, now) }]
}

const newestRows = 2_000
