import { z } from 'zod'
import type { ControlContext } from '../context.js'
import { pointer, Problem, type Pointer } from '../../kernel/problem.js'
import { canonicalKey, type Table } from '../../kernel/table.js'
import { changeRows } from '../../workspace/rows-written.js'
import { checkRow } from '../../seed/document.js'
import { jsonResponse } from '../app.js'
import { controlCall } from '../call.js'

const keyedRow = z.object({ key: z.string(), row: z.record(z.string(), z.unknown()) })
const page = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().optional(),
})

/** Rows as they are kept: look, write, delete. */
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
    summary: 'Rows of a table, first written first',
    query: page,
    answers: {
      200: { description: 'A page of rows', schema: z.object({ rows: z.array(keyedRow), total: z.number(), next: z.string().nullable() }) },
      404: { description: 'Unknown vendor or table, or no row to go on after' },
    },
    async handle({ context, params, query, reading }) {
      const { name } = tableOf(context, params)
      const { space } = await reading()
      const { limit } = query
      const after = query.after === undefined ? undefined : (canonicalKey(query.after) ?? query.after)
      const { value } = await space.transact(async (rows) => {
        // Nothing follows a row that is not there, and an empty page would hide that.
        if (after !== undefined && !(await rows.get(name, after))) throw noRow(name, after)
        // One more than asked for tells whether there is a next page.
        const found = await rows.list(name, after === undefined ? { limit: limit + 1 } : { after, limit: limit + 1 })
        return { found, total: await rows.count(name) }
      })
      const rows = value.found.slice(0, limit)
      return { rows, total: value.total, next: value.found.length > limit ? rows.at(-1)!.key : null }
    },
  }),
  controlCall({
    method: 'GET',
    path: '/tables/{vendor}/{table}/{key*}',
    tag: 'rows',
    summary: 'One row',
    answers: { 200: { description: 'The row', schema: keyedRow }, 404: { description: 'No such row' } },
    async handle({ context, params, reading }) {
      const { name } = tableOf(context, params)
      const key = keyIn(params)
      const { space } = await reading()
      const { value: row } = await space.transact((rows) => rows.get(name, key))
      if (!row) throw noRow(name, key)
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
      422: { description: 'The row is wrong or does not fit the key' },
    },
    async handle({ context, params, body, writing }) {
      const { name, table } = tableOf(context, params)
      const key = keyIn(params)
      const errors: Pointer[] = []
      const keyed = checkRow(table, body, [], errors)
      if (!keyed)
        throw new Problem(
          422,
          'invalid',
          'The row is wrong.',
          errors.map(({ path, message }) => `${path || '/'}: ${message}`).join('; '),
          errors,
        )
      if (keyed.key !== key) {
        const wrong = table.key.map((field) => ({
          path: pointer([field]),
          message: `The row's key is "${keyed.key}", the path says "${key}".`,
        }))
        throw new Problem(
          422,
          'key-mismatch',
          'The row does not fit the key.',
          `A row of ${name} is kept under ${table.key.join(':')}.`,
          wrong,
        )
      }
      const { space } = await writing()
      const [change] = await changeRows(context, space, [{ table: name, ...keyed }])
      // What follows from a row may have added to it.
      const { value: kept = keyed.row } = await space.transact((rows) => rows.get(name, key))
      return jsonResponse(change === 'added' ? 201 : 200, { key, row: kept })
    },
  }),
  controlCall({
    method: 'DELETE',
    path: '/tables/{vendor}/{table}/{key*}',
    tag: 'rows',
    summary: 'Delete one row',
    answers: { 204: { description: 'Deleted' }, 404: { description: 'No such row' } },
    async handle({ context, params, writing }) {
      const { name } = tableOf(context, params)
      const key = keyIn(params)
      const { space } = await writing()
      const [change] = await changeRows(context, space, [{ table: name, key }])
      if (change !== 'removed') throw noRow(name, key)
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
  throw new Problem(404, 'unknown-table', 'No such table.', `There is no table ${name}. ${hint}`)
}

function keyIn(params: Readonly<Record<string, string>>): string {
  const key = params['key'] ?? ''
  return canonicalKey(key) ?? key
}

function noRow(name: string, key: string): Problem {
  return new Problem(
    404,
    'unknown-row',
    'No such row.',
    `${name} has no row "${key}"; GET /_sandbox/tables/${name.replace('.', '/')} lists its rows.`,
  )
}
