import { useAsked, useDeed } from '../asked.js'
import { ask } from '../control.js'
import { CopyButton } from '../parts/copy.js'
import { JsonView, LongText } from '../parts/json-view.js'
import { Badge } from '../parts/marks.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { linkTo } from '../place.js'
import type { Delivery } from '../shapes.js'
import { counted, dayAndTime } from '../words.js'

const shownDeliveries = 100

/** Outgoing calls of vendors, newest first. */
export function Webhooks() {
  const { value, refusal, reload } = useAsked<{ deliveries: Delivery[] }>('webhooks', 2_000)
  const deliveries = (value?.deliveries ?? []).toReversed()
  return (
    <>
      <RefusalNote refusal={refusal} />
      {!value && !refusal && <Waiting />}
      {value && deliveries.length === 0 && (
        <Empty title="No vendor has sent anything yet.">
          <p>
            Webhooks and callbacks go to addresses in the vendors’ tables: look in <a href={linkTo('tables')}>Tables</a> for a row with a
            url, then let a purchase happen or a <a href={linkTo('clock')}>store</a> change its mind.
          </p>
        </Empty>
      )}
      {deliveries.length > 0 && (
        <p class="muted" role="status">
          {counted(deliveries.length, 'delivery', 'deliveries')}, the newest first
          {deliveries.length > shownDeliveries && `; the newest ${shownDeliveries} are shown`}
        </p>
      )}
      <ol class="plain lines">
        {deliveries.slice(0, shownDeliveries).map((delivery) => (
          <DeliveryLine key={delivery.id} delivery={delivery} onSent={reload} />
        ))}
      </ol>
    </>
  )
}

function DeliveryLine({ delivery, onSent }: { delivery: Delivery; onSent: () => void }) {
  const { id, vendor, event, url, status, attempts, reply, error, nextAttemptAt, request } = delivery
  const again = useDeed(async () => {
    await ask('POST', `webhooks/${encodeURIComponent(id)}/redeliver`)
    onSent()
  })
  return (
    <li class="line">
      <div class="grow">
        <p>
          <Badge text={status} kind={status} /> <b>{event}</b> <span class="muted">{vendor}</span>
        </p>
        <p class="wrap">
          {url}: {counted(attempts, 'attempt')}
          {reply && `, last answered ${reply.status}`}
          {error && `, ${error}`}
          {nextAttemptAt && `, next at ${dayAndTime(nextAttemptAt)}`}
        </p>
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
          <CopyButton label="Copy body" text={request.body} small />
        </details>
        <RefusalNote refusal={again.refusal} />
      </div>
      <button
        type="button"
        class="outline small"
        aria-label={`Send again: ${event}`}
        aria-busy={again.isBusy ? 'true' : undefined}
        onClick={again.run}
      >
        Send again
      </button>
    </li>
  )
}

function SentBody({ text }: { text: string }) {
  try {
    return <JsonView value={JSON.parse(text) as unknown} label="Body" />
  } catch {
    return (
      <pre class="raw" tabindex={0} aria-label="Body">
        <LongText text={text} />
      </pre>
    )
  }
}
