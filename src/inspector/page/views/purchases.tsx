import { useAsked } from '../asked.js'
import { ChoiceField } from '../parts/fields.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { goTo, linkTo, usePlace } from '../place.js'
import type { PurchaseRow, Vendor } from '../shapes.js'
import { counted, dayAndTime } from '../words.js'
import { Story } from './purchases/story.js'

const pageSize = 100

/** Purchases of all vendors on one timeline. */
export function Purchases() {
  const { rest, query } = usePlace()
  const [vendor, table, key] = rest
  if (vendor !== undefined && table !== undefined && key !== undefined) {
    return <Story key={rest.join('/')} vendor={vendor} table={table} rowKey={key} />
  }
  return <Timeline vendor={query['vendor'] ?? ''} page={Math.max(1, Number(query['page'] ?? 1)) || 1} />
}

function Timeline({ vendor, page }: { vendor: string; page: number }) {
  const { query } = usePlace()
  const asked = `purchases?limit=${pageSize}&skip=${(page - 1) * pageSize}${vendor && `&vendor=${encodeURIComponent(vendor)}`}`
  const { value, refusal } = useAsked<{ purchases: PurchaseRow[]; total: number }>(asked, 5_000)
  const { value: vendors } = useAsked<{ vendors: Vendor[] }>('vendors')
  const choices = (vendors?.vendors ?? []).map(({ id, title }) => [id, title] as const)
  const last = Math.max(1, Math.ceil((value?.total ?? 0) / pageSize))
  return (
    <>
      <div class="row">
        <ChoiceField
          label="Vendor"
          value={vendor}
          choices={[['', 'all'], ...choices]}
          onValue={(chosen) => goTo(linkTo('purchases', [], { vendor: chosen }), { replace: true })}
        />
        <p class="muted grow">{value && `${counted(value.total, 'row')} about purchases`}</p>
      </div>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value?.total === 0 && (
        <Empty title="No purchase is known yet.">
          <p>
            <a href={linkTo('receipts')}>Mint a receipt</a> and copy the curl line that hands it to a vendor, or run a request from{' '}
            <a href={linkTo('vendors')}>Vendors</a>.
          </p>
        </Empty>
      )}
      {value && value.purchases.length > 0 && <PurchaseList purchases={value.purchases} />}
      {last > 1 && (
        <nav class="bar" aria-label="Pages">
          {page > 1 && <a href={linkTo('purchases', [], { ...query, page: String(page - 1) })}>Newer</a>}
          <span>
            Page {page} of {last}
          </span>
          {page < last && <a href={linkTo('purchases', [], { ...query, page: String(page + 1) })}>Older</a>}
        </nav>
      )}
    </>
  )
}

function PurchaseList({ purchases }: { purchases: readonly PurchaseRow[] }) {
  return (
    <ol class="timeline">
      {purchases.map(({ vendor, table, key, at, product, player, state, entry }) => (
        <li key={`${vendor} ${table} ${key}`}>
          <time datetime={at ?? undefined}>{at === null ? 'time not known' : dayAndTime(at)}</time>
          <div>
            <a href={linkTo('purchases', [vendor, table, key])}>
              <b>{vendor}</b> {product ?? key}
            </a>
            {state && <span class="badge">{state}</span>}
            <p class="muted wrap">
              {player && `by ${player}, `}
              kept in <a href={linkTo('tables', [vendor, table, key])}>{`${vendor}.${table}`}</a>
              {entry && (
                <>
                  , recorded by <a href={linkTo('live', [entry])}>{entry}</a>
                </>
              )}
            </p>
          </div>
        </li>
      ))}
    </ol>
  )
}
