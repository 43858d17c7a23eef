import { useAsked } from '../../asked.js'
import { JsonView } from '../../parts/json-view.js'
import { Empty, RefusalNote, Waiting } from '../../parts/notes.js'
import { linkTo } from '../../place.js'
import type { PurchaseRow, StoryEvent } from '../../shapes.js'
import { dayAndTime } from '../../words.js'
import { LaneDiagram, lanes } from './lane-diagram.js'

interface Told {
  purchase: PurchaseRow
  row: Record<string, unknown>
  events: StoryEvent[]
}

/** Events of one purchase in time order, as a diagram and as a list. */
export function Story({ vendor, table, rowKey }: { vendor: string; table: string; rowKey: string }) {
  const { value, refusal } = useAsked<Told>(`purchases/${vendor}/${table}/${encodeURIComponent(rowKey)}`, 10_000)
  return (
    <>
      <p>
        <a href={linkTo('purchases')}>
          <span aria-hidden="true">← </span>All purchases
        </a>
      </p>
      <h2 class="wrap">
        {vendor} {value?.purchase.product ?? rowKey}
      </h2>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value && (
        <div class="story">
          <section>
            {value.events.length === 0 ? (
              <Empty title="No kept request, webhook or store row is about this purchase.">
                <p>It came with the seed, or its requests were dropped since.</p>
              </Empty>
            ) : (
              <>
                <LaneDiagram events={value.events} />
                <EventList events={value.events} />
              </>
            )}
          </section>
          <section class="part">
            <h3>
              Its row in <a href={linkTo('tables', [vendor, table, rowKey])}>{`${vendor}.${table}`}</a>
            </h3>
            <JsonView value={value.row} label="Row" />
          </section>
        </div>
      )}
    </>
  )
}

function EventList({ events }: { events: readonly StoryEvent[] }) {
  return (
    <ol class="events">
      {events.map(({ lane, at, title, detail, isGood, entry }, number) => (
        <li key={String(number)}>
          <p>
            <span class={`badge lane-${lane}`}>{lanes[lane]}</span>{' '}
            <b class={isGood === null ? '' : isGood ? 'text-good' : 'text-refused'}>{title}</b>{' '}
            <span class="muted">
              {at === null ? 'now' : dayAndTime(at)}
              {entry && (
                <>
                  , <a href={linkTo('live', [entry])}>{entry}</a>
                </>
              )}
            </span>
          </p>
          {detail && <p class="wrap">{detail}</p>}
        </li>
      ))}
    </ol>
  )
}
