import { useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { useTitle, useVendors, vendorTitle } from '../../known.js'
import { JsonView } from '../../parts/json-view.js'
import { Badge, ToneMark } from '../../parts/marks.js'
import { Empty, RefusalNote, Waiting } from '../../parts/notes.js'
import { linkTo } from '../../place.js'
import type { PurchaseRow, StoryEvent } from '../../shapes.js'
import { dayAndTime, storeTitle } from '../../words.js'
import { LaneDiagram, lanes } from './lane-diagram.js'

interface Told {
  purchase: PurchaseRow
  row: Record<string, unknown>
  tokens: StoreToken[]
  events: StoryEvent[]
}

interface StoreToken {
  store: string
  token: string
}

/** Events of one purchase in time order, as a diagram and as a list, and what its store can do with it. */
export function Story({ vendor, table, rowKey }: { vendor: string; table: string; rowKey: string }) {
  const { value, refusal, reload } = useAsked<Told>(`purchases/${vendor}/${table}/${encodeURIComponent(rowKey)}`, 5_000)
  const vendors = useVendors()
  const { product, order, player, amount, state, tone } = value?.purchase ?? {}
  const name = product ?? order ?? rowKey
  useTitle(`${name} · ${vendor}`)
  return (
    <>
      <p>
        <a href={linkTo('purchases')}>
          <span aria-hidden="true">← </span>All purchases
        </a>
      </p>
      <h2 class="wrap">{name}</h2>
      <p class="facts">
        <a href={linkTo('vendors', [vendor])}>{vendorTitle(vendor, vendors)}</a>
        {player && <a href={linkTo('purchases', [], { player })}>{player}</a>}
        {amount && <span>{amount}</span>}
        {state && tone && <ToneMark tone={tone} text={state} />}
        {order && <span class="wrap">{order}</span>}
      </p>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value && value.tokens.map((token) => <StoreDeeds key={token.token} token={token} onDone={reload} />)}
      {value && (
        <div class="story">
          <section>
            {value.events.length === 0 ? (
              <Empty title="No kept request, webhook or store row is about this purchase.">
                <p>It came with the seed, or its requests were dropped since.</p>
              </Empty>
            ) : (
              <>
                <LaneDiagram events={value.events} linkOf={linkOf} />
                <EventList events={value.events} />
              </>
            )}
          </section>
          <section class="part">
            <h3>Its rows</h3>
            <ul>
              {value.purchase.rows.map((row) => (
                <li key={`${row.table} ${row.key}`} class="wrap">
                  <a href={linkTo('tables', [vendor, row.table, row.key])}>{`${vendor}.${row.table} ${decodeURIComponent(row.key)}`}</a>
                </li>
              ))}
            </ul>
            <JsonView value={value.row} label="Row" />
          </section>
        </div>
      )}
    </>
  )
}

/** Request or webhook that an event belongs to. */
function linkOf({ entry, delivery }: StoryEvent): string | undefined {
  if (entry !== null) return linkTo('live', [entry])
  return delivery === null ? undefined : linkTo('webhooks', [delivery])
}

const acts = ['renew', 'cancel', 'refund', 'expire'] as const

/** Acts of the store on the purchase, which every vendor that watches it follows. */
function StoreDeeds({ token: { store, token }, onDone }: { token: StoreToken; onDone: () => void }) {
  const [done, setDone] = useState('')
  const deed = useDeed()
  const act = (name: string) =>
    deed.perform(async () => {
      await ask('POST', `upstreams/${store}/purchases/${encodeURIComponent(token)}/${name}`)
      setDone(`${storeTitle(store)}: ${name} is done.`)
      onDone()
      refreshAll()
    })
  return (
    <div class="bar" role="group" aria-label={`Let ${storeTitle(store)} act on it`}>
      <span>Let {storeTitle(store)}</span>
      {acts.map((name) => (
        <button key={name} type="button" class="outline small" disabled={deed.isBusy} onClick={() => act(name)}>
          {name}
        </button>
      ))}
      <span class="muted" role="status">
        {done}
      </span>
      <RefusalNote refusal={deed.refusal} />
    </div>
  )
}

function EventList({ events }: { events: readonly StoryEvent[] }) {
  return (
    <ol class="events">
      {events.map((event, number) => {
        const { lane, to, at, title, detail, tone, entry } = event
        const link = linkOf(event)
        return (
          <li key={String(number)}>
            <p>
              <Badge text={to === null ? lanes[lane] : `${lanes[lane]} → ${lanes[to]}`} /> <b class={`tone-${tone}`}>{title}</b>{' '}
              <span class="muted">{at === null ? 'now' : dayAndTime(at)}</span> {link && <a href={link}>{entry ?? 'delivery'}</a>}
            </p>
            {detail && <p class="wrap">{detail}</p>}
          </li>
        )
      })}
    </ol>
  )
}
