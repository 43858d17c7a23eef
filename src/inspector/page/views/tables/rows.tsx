import { useState } from 'preact/hooks'
import { useAsked } from '../../asked.js'
import { TextField } from '../../parts/fields.js'
import { Empty, RefusalNote, Waiting } from '../../parts/notes.js'
import { goTo, linkTo, usePlace } from '../../place.js'
import type { KeyedRow } from '../../shapes.js'
import { counted, shortened } from '../../words.js'

import { newRow, useRowShape } from './shapes.js'

interface Page {
  rows: KeyedRow[]
  total: number
  next: string | null
}

/** Rows of one table, a hundred at a time in the order in which they were written; sorted and searched on the page. */
export function Rows({ vendor, table }: { vendor: string; table: string }) {
  const { query } = usePlace()
  const after = query['after']
  const [before, setBefore] = useState<readonly string[]>([])
  const path = `tables/${vendor}/${table}?limit=100${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`
  const { value, refusal } = useAsked<Page>(path, 3_000)
  const shape = useRowShape(vendor, table)
  const search = (query['search'] ?? '').toLowerCase()
  const shown = (value?.rows ?? []).filter(({ row }) => search === '' || JSON.stringify(row).toLowerCase().includes(search))
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
        <a role="button" class="outline small" href={linkTo('tables', [vendor, table, newRow])}>
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
        <>
          <div class="narrow">
            <TextField
              label="Search these rows"
              type="search"
              value={query['search'] ?? ''}
              onValue={(text) => goTo(linkTo('tables', [vendor, table], { ...query, search: text || undefined }), { replace: true })}
            />
          </div>
          <RowTable vendor={vendor} table={table} rows={shown} order={Object.keys(shape?.properties ?? {})} />
        </>
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

interface TableProps {
  vendor: string
  table: string
  rows: readonly KeyedRow[]
  order: readonly string[]
}

function RowTable({ vendor, table, rows, order }: TableProps) {
  const [sort, setSort] = useState<{ by: string; down: boolean } | undefined>(undefined)
  const columns = columnsOf(rows, order)
  const sorted = sort ? rows.toSorted((a, b) => compared(a.row[sort.by], b.row[sort.by]) * (sort.down ? -1 : 1)) : rows
  return (
    <div class="scroll" tabindex={0} role="group" aria-label={`Rows of ${vendor}.${table}`}>
      <table class="rows linked stack stack-long">
        <thead>
          <tr>
            {columns.map((name) => {
              const isSorted = sort?.by === name
              return (
                <th key={name} scope="col" aria-sort={isSorted ? (sort.down ? 'descending' : 'ascending') : undefined}>
                  <button type="button" class="sort" onClick={() => setSort({ by: name, down: isSorted && !sort.down })}>
                    {name}
                    <span aria-hidden="true">{isSorted ? (sort.down ? ' ↓' : ' ↑') : ''}</span>
                  </button>
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ key, row }) => (
            <tr key={key}>
              {columns.map((name, at) => (
                <td
                  key={name}
                  class={at === 0 ? 'stack-title' : undefined}
                  data-label={at === 0 || row[name] === undefined ? undefined : name}
                  title={typeof row[name] === 'string' ? row[name] : undefined}
                >
                  {at === 0 ? (
                    <a class="row-link" href={linkTo('tables', [vendor, table, key])}>
                      {cellText(row[name]) || '(empty)'}
                    </a>
                  ) : (
                    cellText(row[name])
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Columns that occur, those that say what a row is about first, those with long random ids last. */
function columnsOf(rows: readonly KeyedRow[], order: readonly string[]): string[] {
  const there = new Set(rows.flatMap(({ row }) => Object.keys(row)))
  const all = [...new Set([...order, ...there])].filter((name) => there.has(name))
  const rank = (name: string) => {
    const values = rows.slice(0, 20).map(({ row }) => row[name] ?? null)
    if (values.every((value) => value === null || (typeof value === 'string' && uuid.test(value)))) return 3
    // A column that names nothing in some rows would leave them without a name.
    if (values.includes(null)) return 2
    if (/^(product|identifier|name|title|user|player|gamer|store$|token$)/i.test(name)) return 0
    return /(state|status|amount|price|type)$/i.test(name) ? 1 : 2
  }
  return all.toSorted((a, b) => rank(a) - rank(b))
}

function compared(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return cellText(a).localeCompare(cellText(b), 'en', { numeric: true })
}

function cellText(value: unknown): string {
  if (value === undefined) return ''
  if (value === null) return '–'
  if (typeof value === 'string') return uuid.test(value) ? shortened(value, 18) : cut(value)
  if (typeof value !== 'object') return cut(JSON.stringify(value))
  if (!Array.isArray(value)) return counted(Object.keys(value).length, 'member')
  return value.some((one) => typeof one === 'object') ? counted(value.length, 'entry', 'entries') : cut(value.join(', '))
}

function cut(text: string): string {
  return text.length > cellCharacters ? `${text.slice(0, cellCharacters)}…` : text
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const cellCharacters = 48
