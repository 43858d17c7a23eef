import { refreshAll, useAsked, useDeed } from '../asked.js'
import { ask } from '../control.js'
import { useVendors, vendorTitle } from '../known.js'
import { CopyButton } from '../parts/copy.js'
import { ChoiceField } from '../parts/fields.js'
import { JsonView, LongText } from '../parts/json-view.js'
import { Badge } from '../parts/marks.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { goTo, linkTo, usePlace } from '../place.js'
import type { Delivery, PurchaseRow } from '../shapes.js'
import { counted, dayAndTime, duration } from '../words.js'

/** Outgoing calls of the vendors as a table, and one of them with its attempts. */
export function Webhooks() {
  const { rest, query } = usePlace()
  const { value, refusal, reload } = useAsked<Delivery[]>('webhooks', 2_000, { read: allPages })
  const all = (value ?? []).toReversed()
  const shown = all.filter((one) => passes(one, query['show']))
  const chosen = all.find(({ id }) => id === rest[0])
  return (
    <>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value && all.length === 0 && (
        <Empty title="No vendor has sent anything yet.">
          <p>
            Webhooks and callbacks go to addresses in the vendors’ tables: look in <a href={linkTo('tables')}>Tables</a> for a row with a
            url, then let a purchase happen or a <a href={linkTo('clock')}>store</a> change its mind.
          </p>
        </Empty>
      )}
      {all.length > 0 && (
        <div class="row filter-row">
          <ChoiceField
            label="Show"
            value={query['show'] ?? ''}
            choices={[
              ['', 'all'],
              ['failing', 'failing'],
              ['waiting', 'waiting'],
              ['delivered', 'delivered'],
            ]}
            onValue={(show) => goTo(linkTo('webhooks', rest, { ...query, show: show || undefined }), { replace: true })}
          />
          <p class="muted" role="status">
            {counted(shown.length, 'delivery', 'deliveries')}, the newest first
            {shown.length > shownDeliveries && `; the newest ${shownDeliveries} are shown`}
          </p>
        </div>
      )}
      {chosen && <OneDelivery delivery={chosen} onSent={reload} />}
      {shown.length > 0 && <DeliveryTable deliveries={shown.slice(0, shownDeliveries)} chosen={rest[0]} />}
    </>
  )
}

/** Reads every page of the deliveries, because the newest are on the last one. */
async function allPages(path: string, signal: AbortSignal): Promise<Delivery[]> {
  const all: Delivery[] = []
  for (let after: string | null = ''; after !== null;) {
    const query: string = after === '' ? '' : `?after=${encodeURIComponent(after)}`
    const page: DeliveryPage = await ask('GET', path + query, undefined, signal)
    all.push(...page.deliveries)
    after = page.next
  }
  return all
}

interface DeliveryPage {
  deliveries: Delivery[]
  next: string | null
}

function passes(delivery: Delivery, show: string | undefined): boolean {
  if (show === 'failing') return isFailing(delivery)
  return show === undefined || delivery.status === show
}

function isFailing({ status, attempts }: Delivery): boolean {
  return status === 'failed' || (status === 'waiting' && attempts > 0)
}

function DeliveryTable({ deliveries, chosen }: { deliveries: readonly Delivery[]; chosen: string | undefined }) {
  const { query } = usePlace()
  const vendors = useVendors()
  return (
    <div class="scroll" tabindex={0} role="group" aria-label="Deliveries">
      <table class="rows linked">
        <thead>
          <tr>
            {['State', 'Event', 'Vendor', 'Attempts', 'Last answer', 'Last attempt', 'Next', 'To'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => {
            const { id, vendor, event, url, history, nextAttemptAt } = delivery
            const last = history.at(-1)
            return (
              <tr key={id} aria-current={id === chosen ? 'true' : undefined}>
                <td>
                  <Badge {...stateOf(delivery)} />
                </td>
                <td>
                  <a class="row-link" href={linkTo('webhooks', [id], query)}>
                    {event}
                  </a>
                </td>
                <td class="nowrap">{vendorTitle(vendor, vendors)}</td>
                <td>
                  <Attempts delivery={delivery} />
                </td>
                <td>{last ? answerOf(last) : ''}</td>
                <td class="nowrap">{last && dayAndTime(last.at)}</td>
                <td class="nowrap">{nextAttemptAt && dayAndTime(nextAttemptAt)}</td>
                <td class="wrap">{url}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** Text and kind of a delivery's badge: one that waits after failed attempts is failing. */
function stateOf(delivery: Delivery): { text: string; kind: string } {
  const { status } = delivery
  if (!isFailing(delivery)) return { text: status, kind: status }
  return { text: status === 'failed' ? 'failed' : 'failing', kind: 'failed' }
}

/** A dot for each attempt, and their number in words. */
function Attempts({ delivery: { history, status } }: { delivery: Delivery }) {
  const dots = history.slice(-mostDots)
  return (
    <span class="nowrap">
      <span aria-hidden="true">
        {dots.map(({ at }, number) => {
          const isGood = status === 'delivered' && number === dots.length - 1
          return (
            <span key={at + String(number)} class={isGood ? 'tone-accepted' : 'tone-refused'}>
              {isGood ? '●' : '○'}
            </span>
          )
        })}
      </span>{' '}
      {history.length}
    </span>
  )
}

function answerOf({ status, error }: Delivery['history'][number]): string {
  return error ?? (status === null ? 'no answer' : String(status))
}

function OneDelivery({ delivery, onSent }: { delivery: Delivery; onSent: () => void }) {
  const { id, event, url, history, nextAttemptAt, request, entry, status } = delivery
  const { query } = usePlace()
  const { value: purchases } = useAsked<{ purchases: PurchaseRow[] }>(`purchases?delivery=${encodeURIComponent(id)}&limit=3`)
  const again = useDeed(async () => {
    await ask('POST', `webhooks/${encodeURIComponent(id)}/redeliver`)
    onSent()
    refreshAll()
  })
  return (
    <section class="part" aria-label={`Delivery of ${event}`}>
      <div class="bar">
        <h2 class="grow">
          <Badge {...stateOf(delivery)} /> {event}
        </h2>
        <button type="button" class="outline small" aria-busy={again.isBusy ? 'true' : undefined} onClick={again.run}>
          {status === 'waiting' ? 'Send it now' : 'Send again'}
        </button>
        <CopyButton label="Copy body" text={request.body} small />
        <a role="button" class="outline secondary small" href={linkTo('webhooks', [], query)} aria-label="Close the delivery">
          ✕
        </a>
      </div>
      <RefusalNote refusal={again.refusal} />
      <p class="wrap">
        To {url}.{' '}
        {entry ? (
          <>
            Caused by <a href={linkTo('live', [entry])}>{entry}</a>.{' '}
          </>
        ) : (
          'Caused by a timer, a store or a control call. '
        )}
        {nextAttemptAt && `Next attempt at ${dayAndTime(nextAttemptAt)}.`}{' '}
        {purchases?.purchases.map(({ vendor, table, key, product }) => (
          <a key={`${table} ${key}`} href={linkTo('purchases', [vendor, table, key])}>
            Story of {product ?? 'its purchase'}{' '}
          </a>
        ))}
      </p>
      <h3>Attempts</h3>
      {history.length === 0 && <p>It was not sent yet.</p>}
      <ol class="plain">
        {history.map((attempt, number) => (
          <li key={attempt.at + String(number)}>
            {number + 1}. {dayAndTime(attempt.at)}: <b>{answerOf(attempt)}</b>
            {attempt.durationMs !== undefined && <span class="muted"> in {duration(attempt.durationMs)}</span>}
            {attempt.body && (
              <pre class="raw" tabindex={0} aria-label={`Answer to attempt ${number + 1}`}>
                <LongText text={attempt.body} limit={500} />
              </pre>
            )}
          </li>
        ))}
      </ol>
      <details>
        <summary>What is sent</summary>
        <dl class="headers">
          {Object.entries(request.headers).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <SentBody text={request.body} />
      </details>
    </section>
  )
}

/** The first long id in a body. */
function SentBody({ text }: { text: string }) {
  const form = /^[\w%.*+-]+=/.test(text) ? Object.fromEntries(new URLSearchParams(text)) : undefined
  try {
    return <JsonView value={form ?? (JSON.parse(text) as unknown)} label="Body" />
  } catch {
    return (
      <pre class="raw" tabindex={0} aria-label="Body">
        <LongText text={text} />
      </pre>
    )
  }
}

const shownDeliveries = 200
const mostDots = 8
