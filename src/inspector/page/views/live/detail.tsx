import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { CopyButton } from '../../parts/copy.js'
import { Badge, Status } from '../../parts/marks.js'
import { RefusalNote, Waiting } from '../../parts/notes.js'
import { goTo, linkTo, usePlace } from '../../place.js'
import type { Entry, Unsealed } from '../../shapes.js'
import { dayAndTime, duration } from '../../words.js'
import { Accepted } from './accepted.js'
import { Checks } from './checks.js'
import { curlOf } from './curl.js'
import { Message } from './message.js'
import { EditButton } from './replay.js'

/** One request in full: first its outcome and explanation, then request and response. */
export function Detail({ id }: { id: string }) {
  const { query } = usePlace()
  const { value: entry, refusal } = useAsked<Entry>(`traffic/${encodeURIComponent(id)}`)
  return (
    <section class="detail" aria-label={`Request ${id}`}>
      <div class="bar">
        <a class="grow" href={linkTo('live', [], query)}>
          <span aria-hidden="true">← </span>Close {id}
        </a>
        <CopyButton label="Copy link" text={() => window.location.href} small />
      </div>
      <RefusalNote refusal={refusal} />
      {!entry && !refusal && <Waiting />}
      {entry && <Whole entry={entry} />}
    </section>
  )
}

function Whole({ entry }: { entry: Entry }) {
  const { method, url, vendor, route, at, durationMs, status, outcome, workspace } = entry
  const { value: layers } = useAsked<Unsealed>(`traffic/${encodeURIComponent(entry.id)}/layers`)
  return (
    <>
      <h2 class="detail-title">
        <b>{method}</b> <span class="wrap">{entry.path || url}</span>
      </h2>
      <p class="facts">
        <Status status={status} /> <Badge text={outcome} /> <span>{vendor ?? 'no vendor'}</span> <span>{dayAndTime(at)}</span>{' '}
        <span>took {duration(durationMs)}</span> {workspace !== 'default' && <span>workspace {workspace}</span>}
        {route && route !== entry.path && <span class="wrap">route {route}</span>}
      </p>
      <Why entry={entry} />
      <Deeds entry={entry} />
      <Checks entry={entry} />
      <Accepted entry={entry} />
      <Touched entry={entry} />
      <Message
        title="Request"
        line={`${method} ${url}`}
        headers={entry.headers}
        body={entry.body}
        empty="It had no body."
        layers={layers?.request ?? []}
      />
      {status === null ? (
        <section class="part">
          <h3>Reply</h3>
          <p>No answer was given: the connection was dropped, or hung until the client left.</p>
        </section>
      ) : (
        <Message
          title="Reply"
          line={`Status ${status}`}
          headers={entry.replyHeaders}
          body={entry.replyBody}
          empty="It had no body."
          layers={layers?.reply ?? []}
        />
      )}
    </>
  )
}

function Why({ entry }: { entry: Entry }) {
  const { explanation, warnings, fault, status } = entry
  return (
    <div class={`why why-${status !== null && status < 400 ? 'good' : 'bad'}`}>
      <p>{explanation || 'The sandbox has nothing to say about this request.'}</p>
      {warnings.length > 0 && (
        <ul aria-label="Warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {fault && (
        <p>
          <Badge text="fault" kind="fault" /> <a href={linkTo('faults', [fault.id])}>{fault.id}</a> was applied {fault.position} the vendor
          saw it: {fault.kind}.
        </p>
      )}
    </div>
  )
}

function Deeds({ entry }: { entry: Entry }) {
  const { query } = usePlace()
  const replay = useDeed(async () => {
    const { id } = await ask<Entry>('POST', 'traffic/replay', { id: entry.id })
    refreshAll()
    goTo(linkTo('live', [id], query))
  })
  return (
    <>
      <div class="bar">
        <button type="button" aria-busy={replay.isBusy ? 'true' : undefined} onClick={replay.run}>
          Replay
        </button>
        <EditButton entry={entry} />
        <CopyButton label="Copy as curl" text={() => curlOf(entry)} />
      </div>
      <RefusalNote refusal={replay.refusal} />
    </>
  )
}

function Touched({ entry }: { entry: Entry }) {
  const { rows } = entry
  if (rows.length === 0) return null
  return (
    <section class="part">
      <h3>Rows it touched</h3>
      <ul>
        {rows.map(({ table, key, change }) => {
          const [vendor = '', name = ''] = table.split('.')
          return (
            <li key={`${table} ${key}`}>
              <Badge text={change} kind={change} /> <a href={linkTo('tables', [vendor, name, key])}>{`${table} ${key}`}</a>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
