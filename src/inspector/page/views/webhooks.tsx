import { useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../asked.js'
import { ask } from '../control.js'
import { useSandboxState, useVendors, vendorTitle } from '../known.js'
import { CopyButton } from '../parts/copy.js'
import { ChoiceField } from '../parts/fields.js'
import { JsonView, LongText } from '../parts/json-view.js'
import { Badge } from '../parts/marks.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { goTo, linkTo, usePlace } from '../place.js'
import type { Delivery, PurchaseRow } from '../shapes.js'
import { answerOf, counted, dayAndTime, duration, span } from '../words.js'

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
      {chosen && <OneDelivery key={chosen.id} delivery={chosen} onSent={reload} />}
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
  const clock = useSandboxState()?.clock
  return (
    <div class="scroll" tabindex={0} role="group" aria-label="Deliveries">
      <table class="rows linked stack">
        <thead>
          <tr>
            {['State', 'Event', 'Vendor', 'Attempts', 'Last answer', 'Next attempt', 'To'].map((name) => (
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
                <td class="stack-title">
                  <a class="row-link" href={linkTo('webhooks', [id], query)}>
                    {event}
                  </a>
                </td>
                <td class="nowrap">{vendorTitle(vendor, vendors)}</td>
                <td class="nowrap" data-label="attempts">
                  {attemptWords(delivery)}
                </td>
                <td class="answer">
                  {last && (
                    <>
                      {answerOf(last)} <small class="muted">{dayAndTime(last.at)}</small>
                    </>
                  )}
                </td>
                <td class="nowrap" data-label={nextAttemptAt === null ? undefined : 'next attempt'}>
                  {nextAttemptAt && dayAndTime(nextAttemptAt)}
                  {nextAttemptAt && clock?.frozen && <small class="clock-time"> waits for the clock</small>}
                </td>
                <td class="one-line" title={url}>
                  {url}
                </td>
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

/** Number of attempts, and how they ended. */
function attemptWords({ history, status }: Delivery): string {
  if (history.length === 0) return 'none yet'
  if (status !== 'delivered') return `${history.length}, ${status === 'failed' ? 'given up' : 'not received yet'}`
  return history.length === 1 ? '1, received' : `${history.length}, the last one received`
}

function OneDelivery({ delivery, onSent }: { delivery: Delivery; onSent: () => void }) {
  const { id, vendor, event, url, history, nextAttemptAt, request, entry, status } = delivery
  const vendors = useVendors()
  const { query } = usePlace()
  const { value: purchases } = useAsked<{ purchases: PurchaseRow[] }>(`purchases?delivery=${encodeURIComponent(id)}&limit=3`)
  const [said, setSaid] = useState('')
  const again = useDeed(async () => {
    setSaid('')
    const after = await ask<Delivery>('POST', `webhooks/${encodeURIComponent(id)}/redeliver`)
    setSaid(`Attempt ${after.attempts}: ${answerOf(after.history.at(-1))}, ${after.status === 'delivered' ? 'received' : 'not received'}.`)
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
      <p role="status">{said}</p>
      <p class="wrap">
        To {url}.{' '}
        {entry ? (
          <>
            Caused by <a href={linkTo('live', [entry])}>{entry}</a>.{' '}
          </>
        ) : (
          'Caused by a timer, a store or a control call. '
        )}
        {purchases?.purchases.map((purchase) => (
          <a key={`${purchase.table} ${purchase.key}`} href={linkTo('purchases', [purchase.vendor, purchase.table, purchase.key])}>
            Story of {purchase.product ?? 'its purchase'}{' '}
          </a>
        ))}
      </p>
      {nextAttemptAt && <NextAttempt at={nextAttemptAt} onMoved={onSent} />}
      <h3>Attempts</h3>
      {history.length === 0 && <p>It was not sent yet.</p>}
      <ol class="plain">
        {history.map((attempt, number) => (
          <li key={attempt.at + String(number)}>
            {number + 1}. {dayAndTime(attempt.at)}: <b>{answerOf(attempt)}</b>
            {attempt.durationMs !== undefined && <span class="muted"> in {duration(attempt.durationMs)}</span>}
            {isSuccess(attempt) && !(status === 'delivered' && number === history.length - 1) && (
              <span class="clock-time"> {vendorTitle(vendor, vendors)} does not take it as received</span>
            )}
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

/** True if an attempt was answered with a status of success, which need not be enough for the vendor. */
function isSuccess({ status, error }: Delivery['history'][number]): boolean {
  return error === undefined && status !== null && status >= 200 && status < 300
}

/** Time of the next attempt by the workspace's clock, which may stand still. */
function NextAttempt({ at, onMoved }: { at: string; onMoved: () => void }) {
  const clock = useSandboxState()?.clock
  const move = useDeed(async () => {
    const { now } = await ask<{ now: string }>('GET', 'clock')
    await ask('POST', 'clock/advance', { ms: Math.max(0, Date.parse(at) - Date.parse(now)) })
    onMoved()
    refreshAll()
  })
  if (!clock) return null
  const wait = span(Math.max(0, Date.parse(at) - Date.parse(clock.now)))
  return (
    <div class="bar">
      <p class={clock.frozen ? 'clock-time' : undefined}>
        Next attempt: {dayAndTime(at)}
        {clock.frozen
          ? `. The clock stands still at ${dayAndTime(clock.now)}, so it waits until the clock moves ${wait} on.`
          : clock.isMoved
            ? ` by the clock of this workspace, which was moved: in ${wait}.`
            : `, in ${wait}.`}
      </p>
      <button type="button" class="outline small" aria-busy={move.isBusy ? 'true' : undefined} onClick={move.run}>
        Move the clock on to it
      </button>
      <a href={linkTo('clock')}>Clock</a>
      <RefusalNote refusal={move.refusal} />
    </div>
  )
}

/** Body of a delivery, as JSON or the members of a form where it is one. */
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
