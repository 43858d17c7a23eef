import { useAsked } from '../asked.js'
import { useVendors, vendorTitle } from '../known.js'
import { ChoiceField, TextField } from '../parts/fields.js'
import { ToneMark } from '../parts/marks.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { goTo, linkTo, usePlace } from '../place.js'
import type { ListedPurchase, PurchaseList } from '../shapes.js'
import { counted, dayAndTime, shortened } from '../words.js'
import { Story } from './purchases/story.js'

const pageSize = 100

/** Purchases of all vendors on one timeline. */
export function Purchases() {
  const { rest } = usePlace()
  const [vendor, table, key] = rest
  if (vendor !== undefined && table !== undefined && key !== undefined) {
    return <Story key={rest.join('/')} vendor={vendor} table={table} rowKey={key} />
  }
  return <Timeline />
}

function Timeline() {
  const { query } = usePlace()
  const vendors = useVendors()
  const page = Math.max(1, Number(query['page'] ?? 1)) || 1
  const filter = ['vendor', 'player', 'state', 'search'].flatMap((name) => (query[name] ? [[name, query[name]]] : []))
  const asked = new URLSearchParams([['limit', String(pageSize)], ['skip', String((page - 1) * pageSize)], ...filter])
  const { value, refusal } = useAsked<PurchaseList>(`purchases?${asked.toString()}`, 5_000)
  const last = Math.max(1, Math.ceil((value?.total ?? 0) / pageSize))
  const set = (name: string) => (chosen: string) =>
    goTo(linkTo('purchases', [], { ...query, page: undefined, [name]: chosen || undefined }), { replace: true })
  const isByPlayer = query['by'] === 'player'
  return (
    <>
      <form class="row filter-row" role="search" aria-label="Filter purchases" onSubmit={(event: Event) => event.preventDefault()}>
        <TextField
          label="Search"
          type="search"
          value={query['search'] ?? ''}
          onValue={set('search')}
          placeholder="product, player, order or token"
        />
        <ChoiceField
          label="Vendor"
          value={query['vendor'] ?? ''}
          choices={[['', 'all'], ...vendors.map(({ id, title }) => [id, title] as const)]}
          onValue={set('vendor')}
        />
        <ChoiceField
          label="Order"
          value={isByPlayer ? 'player' : ''}
          choices={[
            ['', 'newest first'],
            ['player', 'by player'],
          ]}
          onValue={set('by')}
        />
      </form>
      <p class="bar">
        <span class="muted" role="status">
          {value && counted(value.total, 'purchase')}
        </span>
        {['player', 'state'].map(
          (name) =>
            query[name] && (
              <button key={name} type="button" class="outline secondary small" aria-label={`Any ${name}`} onClick={() => set(name)('')}>
                {name} {query[name]} ✕
              </button>
            ),
        )}
      </p>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value?.total === 0 && <NoPurchase isFiltered={filter.length > 0} />}
      {value && value.older.length > 0 && <OlderNote older={value.older} />}
      {value && value.purchases.length > 0 && (
        <PurchaseTable purchases={value.purchases} isByPlayer={isByPlayer} isPart={value.purchases.length < value.total} />
      )}
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

/** Says which rows the list and its search leave out. */
function OlderNote({ older }: { older: PurchaseList['older'] }) {
  return (
    <p class="muted">
      Listed and searched are the newest 2,000 rows of each table. Left out are{' '}
      {older.map(({ vendor, table, rows }, at) => (
        <span key={`${vendor} ${table}`}>
          {at > 0 && ', '}
          {counted(rows, 'older row')} of{' '}
          <a href={linkTo('tables', [vendor, table])}>
            {vendor}.{table}
          </a>
        </span>
      ))}
      .
    </p>
  )
}

function NoPurchase({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Empty title="No purchase matches." />
  return (
    <Empty title="No purchase is known yet.">
      <p>
        <a href={linkTo('vendors')}>Send one to a vendor</a>, or <a href={linkTo('receipts')}>mint a receipt</a> and hand it over.
      </p>
    </Empty>
  )
}

interface PurchaseTableProps {
  purchases: readonly ListedPurchase[]
  isByPlayer: boolean
  /** True if other pages hold more. */
  isPart: boolean
}

function PurchaseTable({ purchases, isByPlayer, isPart }: PurchaseTableProps) {
  const players = [...new Set(purchases.map(({ player }) => player))]
  const groups = isByPlayer
    ? players.map((player) => ({ player, own: purchases.filter((one) => one.player === player) }))
    : [{ player: undefined, own: purchases }]
  return (
    <div class="scroll" tabindex={0} role="group" aria-label="Purchases">
      <table class="rows linked stack">
        <thead>
          <tr>
            {['Time', 'Product', 'Player', 'Amount', 'State', 'Vendor', 'Requests', 'Webhooks'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map(({ player, own }) => (
          <tbody key={String(player)}>
            {player !== undefined && (
              <tr class="group-row">
                <th scope="rowgroup" colSpan={8}>
                  {player ?? 'No player'}{' '}
                  <span class="muted">
                    {counted(own.length, 'purchase')}
                    {isPart && ' on this page'}
                  </span>
                </th>
              </tr>
            )}
            {own.map((purchase) => (
              <PurchaseLine key={`${purchase.vendor} ${purchase.table} ${purchase.key}`} purchase={purchase} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  )
}

function PurchaseLine({ purchase }: { purchase: ListedPurchase }) {
  const { vendor, table, key, at, product, player, order, amount, state, tone, requests, webhooks } = purchase
  const { query } = usePlace()
  const vendors = useVendors()
  return (
    <tr>
      <td class="nowrap">{at === null ? <span class="muted">time not known</span> : <time datetime={at}>{dayAndTime(at)}</time>}</td>
      <td class="stack-title wrap">
        <a class="row-link" href={linkTo('purchases', [vendor, table, key])}>
          {product ?? shortened(order ?? decodeURIComponent(key))}
        </a>
        {order && product && (
          <small class="muted" title={order}>
            {' '}
            {shortened(order)}
          </small>
        )}
      </td>
      <td>
        {player && (
          <a href={linkTo('purchases', [], { ...query, page: undefined, player })} title={player}>
            {shortened(player)}
          </a>
        )}
      </td>
      <td class="nowrap">{amount}</td>
      <td>{state && <ToneMark tone={tone} text={state} />}</td>
      <td class="nowrap">{vendorTitle(vendor, vendors)}</td>
      <td class="number" data-label="requests">
        {requests}
      </td>
      <td class="number" data-label="webhooks">
        {webhooks > 0 ? webhooks : <span class="muted">–</span>}
      </td>
    </tr>
  )
}
