import { useState } from 'preact/hooks'
import { useAsked } from '../../asked.js'
import { Empty, RefusalNote, Waiting } from '../../parts/notes.js'
import { linkTo, usePlace } from '../../place.js'
import type { KeyedRow } from '../../shapes.js'
import { counted } from '../../words.js'

import { newRow, useRowShape } from './shapes.js'

interface Page {
  rows: KeyedRow[]
  total: number
  next: string | null
}

/** Rows of one table in the order in which they were written, a hundred at a time. */
export function Rows({ vendor, table }: { vendor: string; table: string }) {
  const { query } = usePlace()
  const after = query['after']
  const [before, setBefore] = useState<readonly string[]>([])
  const path = `tables/${vendor}/${table}?limit=100${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`
  const { value, refusal } = useAsked<Page>(path, 3_000)
  const shape = useRowShape(vendor, table)
  return (
    <>
      <p class="only-narrow">
        <a href={linkTo('tables')}>
          <span aria-hidden="true">← </span>All tables
        </a>
      </p>
      <div class="bar">
        <h2 class="grow">
          {vendor}.{table} {value && <span class="muted">{counted(value.total, 'row')}</span>}
        </h2>
        <a role="button" class="outline" href={linkTo('tables', [vendor, table, newRow])}>
          New row
        </a>
      </div>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value?.rows.length === 0 && (
        <Empty title="This table is empty.">
          <p>
            Rows come from requests of a game, from a <a href={linkTo('state')}>seed</a>, or{' '}
            <a href={linkTo('tables', [vendor, table, newRow])}>by hand</a>.
          </p>
        </Empty>
      )}
      {value && value.rows.length > 0 && (
        <RowTable vendor={vendor} table={table} rows={value.rows} order={Object.keys(shape?.properties ?? {})} />
      )}
      <div class="bar">
        {before.length > 0 && (
          <a href={linkTo('tables', [vendor, table], { after: before.at(-1) })} onClick={() => setBefore(before.slice(0, -1))}>
            Earlier rows
          </a>
        )}
        {value?.next && (
          <a href={linkTo('tables', [vendor, table], { after: value.next })} onClick={() => setBefore([...before, after ?? ''])}>
            More rows
          </a>
        )}
      </div>
    </>
  )
}

function RowTable({ vendor, table, rows, order }: { vendor: string; table: string; rows: readonly KeyedRow[]; order: readonly string[] }) {
  const there = new Set(rows.flatMap(({ row }) => Object.keys(row)))
  const columns = [...new Set([...order, ...there])].filter((name) => there.has(name))
  return (
    <div class="scroll" tabindex={0} role="group" aria-label={`Rows of ${vendor}.${table}`}>
      <table class="rows">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, row }) => (
            <tr key={key}>
              {columns.map((name, at) => (
                <td key={name}>
                  {at === 0 ? <a href={linkTo('tables', [vendor, table, key])}>{cellText(row[name]) || '(empty)'}</a> : cellText(row[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function cellText(value: unknown): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > cellCharacters ? `${text.slice(0, cellCharacters)}…` : text
}

const cellCharacters = 60
