import { Status } from '../../parts/marks.js'
import { linkTo, usePlace } from '../../place.js'
import type { BriefEntry } from '../../shapes.js'
import { duration, timeOfDay } from '../../words.js'

/** The list of requests, newest first; arrow keys go from one to the next. */
export function RequestList({ entries, selected }: { entries: readonly BriefEntry[]; selected: string | undefined }) {
  const { query } = usePlace()
  const suffix = linkTo('live', [''], query).replace(/^#\/live\//, '')
  return (
    <>
      <div class="request request-head" aria-hidden="true">
        <span>Time</span>
        <span>Vendor</span>
        <span>Request</span>
        <span>Answer</span>
        <span>Why</span>
        <span>Took</span>
      </div>
      <ol class="requests" onKeyDown={moveFocus}>
        {entries.map((entry) => (
          <RequestLine key={entry.id} entry={entry} isSelected={entry.id === selected} suffix={suffix} />
        ))}
      </ol>
    </>
  )
}

function RequestLine({ entry, isSelected, suffix }: { entry: BriefEntry; isSelected: boolean; suffix: string }) {
  const { id, at, vendor, method, path, status, outcome, explanation, warnings, fault, durationMs } = entry
  return (
    <li>
      <a class="request" href={`#/live/${encodeURIComponent(id)}${suffix}`} aria-current={isSelected ? 'true' : undefined}>
        <span class="request-time">{timeOfDay(at)}</span>
        <span class="request-vendor">{vendor ?? '–'}</span>
        <span class="request-path">
          <b>{method}</b> {path}
        </span>
        <span class="request-answer">
          <Status status={status} /> {outcome}
          {fault && <span class="badge badge-fault">fault {fault.id}</span>}
          {warnings.length > 0 && (
            <span class="badge badge-warning">{warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`}</span>
          )}
        </span>
        <span class="request-why">{explanation}</span>
        <span class="request-took">{duration(durationMs)}</span>
      </a>
    </li>
  )
}

function moveFocus(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const line = (event.target as HTMLElement).closest('li')
  const next = event.key === 'ArrowDown' ? line?.nextElementSibling : line?.previousElementSibling
  const link = next?.querySelector('a')
  if (!link) return
  event.preventDefault()
  link.focus()
}
