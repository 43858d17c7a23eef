import { z } from 'zod'
import { purchaseIds, purchaseOf, purchaseRow, purchaseTables } from '../../inspector/purchase-rows.js'
import { storyEvent, tellStory } from '../../inspector/purchase-story.js'
import { NotFound } from '../../kernel/problem.js'
import { canonicalKey } from '../../kernel/table.js'
import type { DeliveryRow } from '../../workspace/tables.js'
import { controlCall } from '../call.js'
import { Page } from '../page.js'

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  skip: z.coerce.number().int().min(0).default(0).describe('Number of the newest rows to leave out'),
  vendor: z.string().optional(),
})

/** Purchases of all vendors, read from their tables: a timeline, and the history of one purchase. */
export const purchaseCalls = [
  controlCall({
    method: 'GET',
    path: '/purchases',
    tag: 'inspector',
    summary: 'Purchase rows of all vendors on one timeline, newest first; a page ends early at 8 MiB',
    query: listQuery,
    answers: {
      200: { description: 'A page of purchases', schema: z.object({ purchases: z.array(purchaseRow), total: z.number() }) },
    },
    async handle({ context, query, reading }) {
      const { space, traffic } = await reading()
      const names = purchaseTables(context.tables).filter((name) => query.vendor === undefined || name.startsWith(`${query.vendor}.`))
      const { value } = await space.transact((rows) => Promise.all(names.map((name) => rows.list(name))))
      const entryTimes = new Map(traffic.kept().map(({ id, at }) => [id, at]))
      const enough = query.skip + query.limit
      const purchases = value.flatMap((rows, at) =>
        // Rows are listed in the order of writing, so the newest are at the end of each table.
        rows.slice(-enough).map(({ key, row }) => {
          const purchase = purchaseOf(names[at]!, context.tables.get(names[at]!)!, key, row)
          const seen = purchase.entry === null ? undefined : entryTimes.get(purchase.entry)
          // The time of a kept entry is more reliable than the one that the game reported.
          return seen === undefined ? purchase : { ...purchase, at: new Date(seen).toISOString() }
        }),
      )
      // Of rows written at the same time the later one is newer.
      const sorted = purchases.toReversed().sort((a, b) => (b.at ?? '').localeCompare(a.at ?? ''))
      const page = new Page(query.limit)
      for (const purchase of sorted.slice(query.skip)) if (!page.add(purchase)) break
      return page.response('purchases', { total: value.reduce((sum, rows) => sum + rows.length, 0) })
    },
  }),
  controlCall({
    method: 'GET',
    path: '/purchases/{vendor}/{table}/{key*}',
    tag: 'inspector',
    summary: 'History of one purchase in time order: requests, changes of the simulated store, webhooks',
    answers: {
      200: {
        description: 'The row and its events',
        schema: z.object({ purchase: purchaseRow, row: z.record(z.string(), z.unknown()), events: z.array(storyEvent) }),
      },
      404: { description: 'Row not found' },
    },
    async handle({ context, params, reading }) {
      const name = `${params['vendor']}.${params['table']}`
      const key = canonicalKey(params['key'] ?? '') ?? ''
      const table = context.tables.get(name)
      const { space, traffic } = await reading()
      const { value } = await space.transact(async (rows) => ({
        row: table && (await rows.get(name, key)),
        deliveries: await rows.list('sandbox.deliveries'),
        storeRows: await rows.list('marketplace.purchases'),
      }))
      const { row, storeRows } = value
      if (!table || !row)
        throw new NotFound({
          type: 'unknown-row',
          title: 'Row not found.',
          detail: `${name} has no row "${key}"; GET /_sandbox/purchases lists them.`,
        })
      // Rows of this table are written by the sandbox alone.
      const deliveries = value.deliveries.map((one) => one.row as DeliveryRow)
      const ids = purchaseIds(table, row)
      return {
        purchase: purchaseOf(name, table, key, row),
        row,
        events: tellStory({ table: name, key, ids, kept: traffic.kept(), deliveries, storeRows }),
      }
    },
  }),
]
