import type { VNode } from 'preact'
import { useRef } from 'preact/hooks'
import { vendorTitle, useVendors } from '../../known.js'
import { VerdictMark } from '../../parts/marks.js'
import { useCopyOf, usePins } from '../../pins.js'
import { usePlace } from '../../place.js'
import type { BriefEntry, ReportMark, SandboxState, Vendor } from '../../shapes.js'
import { counted, dayAndTime, differ, duration, plainTimes, reportWords, span, timeOfDay } from '../../words.js'
import { isChoosing, rowLink } from './comparing.js'

interface ListProps {
  entries: readonly BriefEntry[]
  /** Times of the next newer and the next older request, which are on other pages; undefined if there is none. */
  around: { newer: string | undefined; older: string | undefined }
  selected: string | undefined
  marks: readonly ReportMark[]
  notes: SandboxState['notes']
}

/** The list of requests, newest first, with the changes of the workspace between them. */
export function RequestList({ entries, around, selected, marks, notes }: ListProps) {
  const place = usePlace()
  const vendors = useVendors()
  const pins = usePins()
  const copyOf = useCopyOf()
  // A page reaches from the request before it to the one after it, so that each change is on one page.
  const shown = notes
    .filter(({ receivedAt }) => receivedAt > (around.older ?? '') && (around.newer === undefined || receivedAt <= around.newer))
    .toReversed()
  const markOf = new Map(marks.map((mark) => [mark.entry, mark]))
  const lineOf = useLines(`${rowLink(place, '')} ${vendors.length}`)
  const before = (at: number) =>
    shown.filter(({ receivedAt }) => {
      const newer = entries[at - 1]?.receivedAt
      return receivedAt > (entries[at]?.receivedAt ?? '') && (newer === undefined || receivedAt <= newer)
    })
  return (
    <>
      <div class="request request-head" aria-hidden="true">
        <span class="request-id">Id</span>
        <span class="request-time">Time</span>
        <span class="request-answer">Answer</span>
        <span class="request-vendor">Vendor</span>
        <span class="request-path">Request</span>
        <span class="request-player">Player</span>
        <span class="request-product">Product</span>
        <span class="request-amount">Amount</span>
        <span class="request-why">Why</span>
      </div>
      <ol class="requests">
        {entries.flatMap((entry, at) => [
          ...before(at).map((note) => <Divider key={note.receivedAt + note.text} note={note} />),
          lineOf({
            entry,
            vendors,
            isSelected: entry.id === selected,
            // After a restart the id belongs to another request.
            isPinned: pins.has(entry.id) && (copyOf(entry.id)?.entry.at ?? entry.at) === entry.at,
            mark: markOf.get(entry.id),
            link: rowLink(place, entry.id),
            verb: isChoosing(place) ? 'Compare with ' : '',
          }),
        ])}
        {before(entries.length).map((note) => (
          <Divider key={note.receivedAt + note.text} note={note} />
        ))}
      </ol>
    </>
  )
}

/** Changes of a workspace that has no request to show them between. */
export function Changes({ notes }: { notes: SandboxState['notes'] }) {
  if (notes.length === 0) return null
  return (
    <ol class="requests" aria-label="Changes of this workspace">
      {notes.toReversed().map((note) => (
        <Divider key={note.receivedAt + note.text} note={note} />
      ))}
    </ol>
  )
}

/** Lines that are drawn again only if they change, because a busy list gets new ones five times a second. */
function useLines(common: string): (props: LineProps) => VNode {
  const drawn = useRef(new Map<string, { says: string; line: VNode }>())
  const before = drawn.current
  drawn.current = new Map()
  return (props) => {
    const { entry, isSelected, isPinned, mark } = props
    const says = `${common} ${isSelected} ${isPinned} ${mark?.rule} ${mark?.afterMs}`
    const known = before.get(entry.id)
    const line = known?.says === says ? known.line : <RequestLine key={entry.id} {...props} />
    drawn.current.set(entry.id, { says, line })
    return line
  }
}

function Divider({ note: { at, receivedAt, text } }: { note: SandboxState['notes'][number] }) {
  return (
    <li class="divider">
      <span>{timeOfDay(receivedAt)}</span> {plainTimes(text)}
      {differ(at, receivedAt) && <span class="muted"> · the clock showed {dayAndTime(at)}</span>}
    </li>
  )
}

interface LineProps {
  entry: BriefEntry
  vendors: readonly Vendor[]
  isSelected: boolean
  isPinned: boolean
  mark: ReportMark | undefined
  link: string
  /** Names what a click does if it does not open the request. */
  verb: string
}

function RequestLine({ entry, vendors, isSelected, isPinned, mark, link, verb }: LineProps) {
  const { id, at, receivedAt, vendor, method, path, status, verdict, outcome, explanation, warnings, fault } = entry
  const ahead = Date.parse(at) - Date.parse(receivedAt)
  return (
    <li>
      <a class="request" data-id={id} href={link} aria-current={isSelected ? 'true' : undefined} title={`${verb}${id} ${method} ${path}`}>
        <span class="request-id">
          {id}
          {isPinned && (
            <>
              <span aria-hidden="true"> ★</span>
              <span class="hidden"> pinned</span>
            </>
          )}
        </span>
        <span class="request-time">
          {timeOfDay(receivedAt)}
          {differ(at, receivedAt) && (
            <small>
              {ahead > 0 ? '+' : '−'}
              {span(Math.abs(ahead))}
            </small>
          )}
        </span>
        <span class="request-answer">
          <VerdictMark verdict={verdict} status={status} />
          {!(fault && outcome === 'fault') && <span class={status === null ? 'outcome badge' : 'outcome'}>{outcome}</span>}
          {fault && <span class="badge badge-fault">fault {fault.id}</span>}
          {warnings.length > 0 && (
            <span class="badge badge-warning">
              <span aria-hidden="true">⚠ {warnings.length}</span>
              <span class="hidden">{counted(warnings.length, 'warning')}</span>
            </span>
          )}
        </span>
        <span class="request-vendor">{vendorTitle(vendor, vendors)}</span>
        <span class="request-path">
          <span>{method} </span>
          <span class="path-end">
            <bdi>{path}</bdi>
          </span>
        </span>
        <span class="request-player">{entry.player}</span>
        <span class="request-product">{entry.product}</span>
        <span class="request-amount">{entry.amount}</span>
        <span class="request-why">
          {mark && <span class="badge badge-report">{reportWords[mark.rule]?.mark(duration(mark.afterMs))}</span>}
          {explanation}
        </span>
      </a>
    </li>
  )
}
