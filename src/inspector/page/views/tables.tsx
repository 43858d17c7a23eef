import { useEffect, useRef } from 'preact/hooks'
import { useAsked } from '../asked.js'
import { useVendors, vendorTitle } from '../known.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { linkTo, usePlace } from '../place.js'
import { Rows } from './tables/rows.js'
import { RowEditor } from './tables/row-editor.js'
import { newRow } from './tables/shapes.js'

interface TableCount {
  vendor: string
  table: string
  rows: number
}

/** View of tables: all of them, one table, or one row. */
export function TablesView() {
  const { rest } = usePlace()
  const [vendor, table, key] = rest
  const { value, refusal } = useAsked<{ tables: TableCount[] }>('tables', 3_000)
  return (
    <div class={vendor === undefined ? undefined : 'side'}>
      <nav aria-label="Tables" class="side-list">
        <RefusalNote refusal={refusal} />
        {!value && !refusal && <Waiting />}
        {value && <TableList tables={value.tables} current={`${vendor}.${table}`} />}
      </nav>
      {vendor !== undefined && table !== undefined && (
        <section class="side-main">
          {key === undefined ? (
            <Rows key={`${vendor}.${table}`} vendor={vendor} table={table} />
          ) : (
            <RowEditor key={`${vendor}.${table} ${key}`} vendor={vendor} table={table} rowKey={key === newRow ? undefined : key} />
          )}
        </section>
      )}
    </div>
  )
}

function TableList({ tables, current }: { tables: readonly TableCount[]; current: string }) {
  const known = useVendors()
  const chosen = useRef<HTMLAnchorElement>(null)
  useEffect(() => chosen.current?.scrollIntoView({ block: 'nearest' }), [current])
  const vendors = [...new Set(tables.map(({ vendor }) => vendor))]
  if (vendors.length === 0) return <Empty title="No vendor is on, so there are no tables." />
  return (
    <div class="table-list">
      {vendors.map((vendor) => (
        <section key={vendor}>
          <h2>{vendorTitle(vendor, known)}</h2>
          <ul>
            {tables
              .filter((one) => one.vendor === vendor)
              .map(({ table, rows }) => (
                <li key={table}>
                  <a
                    href={linkTo('tables', [vendor, table])}
                    ref={`${vendor}.${table}` === current ? chosen : undefined}
                    aria-current={`${vendor}.${table}` === current ? 'page' : undefined}
                  >
                    {table} <span class="muted">{rows.toLocaleString('en')}</span>
                  </a>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  )
}
