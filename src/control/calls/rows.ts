import { z } from 'zod'
import type { ControlContext } from '../context.js'
import { InvalidInput, NotFound, pointer, type Pointer } from '../../kernel/problem.js'
import { canonicalKey, type Table } from '../../kernel/table.js'
import { changeRows } from '../../workspace/rows-written.js'
import { checkRow } from '../../seed/document.js'
import { jsonResponse } from '../app.js'
import { readPage } from '../page.js'
import { controlCall } from '../call.js'
import { queryNumber } from '../query-number.js'

const keyedRow = z.object({ key: z.string(), row: z.record(z.string(), z.unknown()) })
const pageQuery = z.strictObject({
  limit: queryNumber({ min: 1, max: 1000 }).default(100),
  after: z.string().optional(),
})

/** Reading, writing and deleting rows of tables. */
export const tableCalls = [
  controlCall({
    method: 'GET',
    path: '/tables',
    tag: 'rows',
    summary: 'Every table with its number of rows',
    answers: {
      200: {
        description: 'The tables',
        schema: z.object({ tables: z.array(z.object({ vendor: z.string(), table: z.string(), rows: z.number() })) }),
      },
    },
    async handle({ context, reading }) {
      const { space } = await reading()
      const { value } = await space.transact(async (rows) => Promise.all([...context.tables.keys()].map((name) => rows.count(name))))
      return {
        tables: [...context.tables.keys()].map((name, at) => {
          const [vendor, table] = name.split('.')
          return { vendor, table, rows: value[at] }
        }),
      }
    },
  }),
  controlCall({
    method: 'GET',
    path: '/tables/{vendor}/{table}',
    tag: 'rows',
    summary: 'Rows of a table in the order in which they were first written; a page ends early at 8 MiB',
    query: pageQuery,
    answers: {
      200: { description: 'A page of rows', schema: z.object({ rows: z.array(keyedRow), total: z.number(), next: z.string().nullable() }) },
      404: { description: 'Unknown vendor or table, or unknown row in `after`' },
    },
    async handle({ context, params, query, reading }) {
      const { name } = tableOf(context, params)
      const { space } = await reading()
      const { limit } = query
      const after = query.after === undefined ? undefined : (canonicalKey(query.after) ?? query.after)
      const { value } = await space.transact(async (rows) => {
        // An empty page would hide that the row does not exist.
        if (after !== undefined && !(await rows.get(name, after))) throw unknownRow(name, after)
        return { ...(await readPage(rows, name, { limit, after })), total: await rows.count(name) }
      })
      return value.page.response('rows', { total: value.total, next: value.next })
    },
  }),
  controlCall({
    method: 'GET',
    path: '/tables/{vendor}/{table}/{key*}',
    tag: 'rows',
    summary: 'One row',
    answers: { 200: { description: 'The row', schema: keyedRow }, 404: { description: 'Row not found' } },
    async handle({ context, params, reading }) {
      const { name } = tableOf(context, params)
      const key = keyIn(params)
      const { space } = await reading()
      const { value: row } = await space.transact((rows) => rows.get(name, key))
      if (!row) throw unknownRow(name, key)
      return { key, row }
    },
  }),
  controlCall({
    method: 'PUT',
    path: '/tables/{vendor}/{table}/{key*}',
    tag: 'rows',
    summary: 'Write one row',
    body: z.unknown(),
    answers: {
      200: { description: 'Replaced', schema: keyedRow },
      201: { description: 'New', schema: keyedRow },
      404: { description: 'Unknown vendor or table' },
      422: { description: 'Invalid row, or its key differs from the path' },
    },
    async handle({ context, params, body, writing }) {
      const { name, table } = tableOf(context, params)
      const key = keyIn(params)
      const errors: Pointer[] = []
      const keyed = checkRow(table, body, [], errors)
      if (!keyed)
        throw new InvalidInput({
          type: 'invalid',
          title: 'Invalid row.',
          errors,
        })
      if (keyed.key !== key) {
        const wrong = table.key.map((field) => ({
          path: pointer([field]),
          message: `The key of the row is "${keyed.key}", the path has "${key}".`,
        }))
        throw new InvalidInput({
          type: 'key-mismatch',
          title: 'The key of the row differs from the path.',
          detail: `The key of a row of ${name} is ${table.key.join(':')}: "${keyed.key}" here, but "${key}" in the path. Change one of them.`,
          errors: wrong,
        })
      }
      const { space } = await writing()
      const [change] = await changeRows(context, space, [{ table: name, ...keyed }])
      // A follower of the vendor may have changed the row.
      const { value: kept = keyed.row } = await space.transact((rows) => rows.get(name, key))
      return jsonResponse(change === 'added' ? 201 : 200, { key, row: kept })
    },
  }),
  controlCall({
    method: 'DELETE',
    path: '/tables/{vendor}/{table}/{key*}',
    tag: 'rows',
    summary: 'Delete one row',
    answers: { 204: { description: 'Deleted' }, 404: { description: 'Row not found' } },
    async handle({ context, params, writing }) {
      const { name } = tableOf(context, params)
      const key = keyIn(params)
      const { space } = await writing()
      const [change] = await changeRows(context, space, [{ table: name, key }])
      if (change !== 'removed') throw unknownRow(name, key)
    },
  }),
]

function tableOf(context: ControlContext, params: Readonly<Record<string, string>>): { name: string; table: Table } {
  const name = `${params['vendor']}.${params['table']}`
  const table = context.tables.get(name)
  if (table) return { name, table }
  const known = [...context.tables.keys()].filter((candidate) => candidate.startsWith(`${params['vendor']}.`))
  const hint =
    known.length > 0
      ? `There are ${known.join(', ')}.`
      : `Vendors with tables: ${[...new Set([...context.tables.keys()].map((full) => full.split('.')[0]))].join(', ')}.`
  throw new NotFound({ type: 'unknown-table', title: 'Table not found.', detail: `There is no table ${name}. ${hint}` })
}

function keyIn(params: Readonly<Record<string, string>>): string {
  const key = params['key'] ?? ''
  return canonicalKey(key) ?? key
}

function unknownRow(name: string, key: string): NotFound {
  return new NotFound({
    type: 'unknown-row',
    title: 'Row not found.',
    detail: `${name} has no row "${key}"; "coinslot rows ${name.replace('.', ' ')}" lists its rows.`,
  })
}
