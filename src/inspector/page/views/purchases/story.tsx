import { useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { useTitle, useVendors, vendorTitle } from '../../known.js'
import { ConfirmButton } from '../../parts/confirm.js'
import { JsonView } from '../../parts/json-view.js'
import { Badge, ToneMark } from '../../parts/marks.js'
import { Empty, RefusalNote, Waiting } from '../../parts/notes.js'
import { linkTo } from '../../place.js'
import type { PurchaseRow, StoreToken, StoryEvent } from '../../shapes.js'
import { dayAndTime, plainTimes, span, storeTitle } from '../../words.js'
import { LaneDiagram, lanes, linesOf, titleOf } from './lane-diagram.js'

interface Told {
  purchase: PurchaseRow
  row: Record<string, unknown>
  tokens: StoreToken[]
  events: StoryEvent[]
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
        {player && (
          <a class="wrap" href={linkTo('purchases', [], { player })}>
            {player}
          </a>
        )}
        {amount && <span>{amount}</span>}
        {state && tone && <ToneMark tone={tone} text={state} />}
        {order && <span class="wrap">{order}</span>}
      </p>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value && value.tokens.map((token) => <StoreDeeds key={token.token} token={token} isRefused={tone === 'refused'} onDone={reload} />)}
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

interface DeedsProps {
  token: StoreToken
  /** True: the vendor refused the purchase. */
  isRefused: boolean
  onDone: () => void
}

/** Acts of the store that would change the purchase, which every vendor that watches it follows. */
function StoreDeeds({ token: { store, token, isKnown, actions }, isRefused, onDone }: DeedsProps) {
  const [done, setDone] = useState('')
  const deed = useDeed()
  const title = storeTitle(store)
  const act = async (name: string) => {
    await ask('POST', `upstreams/${store}/purchases/${encodeURIComponent(token)}/${name}`)
    setDone(`${title}: ${name} is done.`)
    onDone()
    refreshAll()
  }
  if (!isKnown && isRefused) return <p class="muted">{title} never sold this, so there is nothing that it could renew, cancel or refund.</p>
  return (
    <div class="bar" role="group" aria-label={`Let ${title} act on it`}>
      {actions.length === 0 ? <span class="muted">{title} can do nothing more with it.</span> : <span>Let {title}</span>}
      {actions.map((name) =>
        isKnown ? (
          <button key={name} type="button" class="outline small" disabled={deed.isBusy} onClick={() => deed.perform(() => act(name))}>
            {name}
          </button>
        ) : (
          <ConfirmButton
            key={name}
            label={name}
            question={`${title} has no row of this purchase. ${name} makes one, as if ${title} had sold it.`}
            yes={`Make it and ${name}`}
            small
            isDangerous={false}
            onYes={() => act(name)}
          />
        ),
      )}
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
      {linesOf(events).map((line, number) => {
        if (line.kind === 'gap')
          return (
            <li key={String(number)} class="event-gap muted">
              {span(line.ms)} pass
            </li>
          )
        const { event } = line
        const { lane, to, at, detail, tone, entry } = event
        const link = linkOf(event)
        return (
          <li key={String(number)}>
            <p>
              <Badge text={to === null ? lanes[lane] : `${lanes[lane]} → ${lanes[to]}`} /> <b class={`tone-${tone}`}>{titleOf(event)}</b>{' '}
              <span class="muted">{at === null ? 'now' : dayAndTime(at)}</span> {link && <a href={link}>{entry ?? 'delivery'}</a>}
            </p>
            {detail && <p class="wrap">{lane === 'store' ? plainTimes(detail) : detail}</p>}
          </li>
        )
      })}
    </ol>
  )
}
