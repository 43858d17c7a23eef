import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, download } from '../control.js'
import { refreshAll, useAsked, useDeed } from '../asked.js'
import { pageSize, useFeed, type HeldFeed } from '../feed.js'
import { useKeys } from '../keys.js'
import { useCopiesOfPins } from '../pins.js'
import { useSandboxState } from '../known.js'
import { ConfirmButton } from '../parts/confirm.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { goTo, linkTo, usePlace } from '../place.js'
import type { BriefEntry, OutcomeCounts, ReportMark, SandboxState } from '../shapes.js'
import { counted } from '../words.js'
import { Detail } from './live/detail.js'
import { PinnedMenu } from './live/pinned.js'
import { FirstMinute } from './live/first-minute.js'
import { QueryLine, filterQuery } from './live/query-line.js'
import { Changes, RequestList } from './live/request-list.js'
import { useSelection } from './live/selection.js'
import { VerdictChips } from './live/verdict-chips.js'

/** Requests as they arrive, and one of them in full. */
export function Live() {
  const { rest, query } = usePlace()
  const selected = rest[0]
  const filter = filterQuery(query)
  const page = query['page'] === undefined ? undefined : Math.max(0, Number(query['page']) - 1) || 0
  const feed = useFeed({ filter, page, around: selected })
  const [isPaused, setPaused] = useState(false)
  const { value: counts } = useAsked<OutcomeCounts>('traffic/outcomes', 2_000)
  const { value: report } = useAsked<{ marks: ReportMark[] }>('report/marks', 5_000)
  const notes = useHeldNotes(feed)
  useCopiesOfPins()
  const pane = useRef<HTMLDivElement>(null)
  const pause = () => {
    setPaused(!isPaused)
    feed.hold('pause', !isPaused)
  }
  useEffect(() => feed.hold('choice', selected !== undefined), [selected])
  const isElsewhere = useElsewhere(feed, { selected, filter, isPaged: page !== undefined })
  const isByStep = useSelection(feed, { selected, pane })
  useKeys({ p: pause })
  const isFiltered = filter !== ''
  const isEmpty = feed.entries?.length === 0 && feed.waiting.length === 0
  const opened = isFiltered || selected !== undefined || feed.page > 0 ? [] : openingsOf(feed)
  return (
    <div class={selected === undefined ? 'live' : 'live live-open'}>
      <section class="live-list" aria-label="Requests">
        <div class="live-head">
          <QueryLine counts={counts} entries={feed.entries ?? []} />
          <VerdictChips counts={counts} />
          <ListBar feed={feed} filter={filter} counts={counts} isPaused={isPaused} onPause={pause} />
        </div>
        <RefusalNote refusal={feed.refusal} />
        {feed.entries === undefined && !feed.refusal && <Waiting />}
        {isEmpty && (isFiltered ? <NothingPasses /> : <FirstMinute before={<Changes notes={notes} />} opened={[]} />)}
        {opened.length > 0 && <FirstMinute before={<Changes notes={notes} />} opened={opened} />}
        {!isEmpty && opened.length === 0 && feed.entries && (
          <div
            class="list-pane"
            ref={pane}
            onPointerEnter={() => feed.hold('pointer', true)}
            onPointerLeave={() => feed.hold('pointer', false)}
            // The focus that a click leaves behind holds nothing.
            onFocusIn={(event: FocusEvent) => feed.hold('focus', (event.target as HTMLElement).matches(':focus-visible'))}
            onFocusOut={(event: FocusEvent) => feed.hold('focus', isWithin(pane.current, event.relatedTarget))}
            onScroll={() => feed.hold('scroll', (pane.current?.scrollTop ?? 0) > 0)}
          >
            {feed.waitingCount > 0 && (
              <div class="list-new">
                <button
                  type="button"
                  class="small"
                  onClick={() => {
                    feed.showWaiting()
                    pane.current?.scrollTo({ top: 0 })
                  }}
                >
                  {feed.waitingCount.toLocaleString('en')} new
                </button>
              </div>
            )}
            <RequestList
              entries={feed.entries}
              around={{ newer: feed.page > 0 ? feed.entries[0]?.receivedAt : undefined, older: feed.older }}
              selected={selected}
              marks={report?.marks ?? []}
              notes={notes}
            />
            <Pages page={feed.page} total={feed.total} />
          </div>
        )}
      </section>
      {selected !== undefined && (
        <Detail key={selected} id={selected} entries={feed.entries ?? []} isElsewhere={isElsewhere} takesFocus={!isByStep.current} />
      )}
    </div>
  )
}

/** Requests that only opened this page in a browser; none if any other request was kept. */
function openingsOf({ entries = [], waiting }: HeldFeed): readonly BriefEntry[] {
  const all = [...waiting, ...entries]
  return all.every(({ vendor, outcome }) => vendor === null && outcome === 'redirected') ? all : []
}

interface Chosen {
  selected: string | undefined
  filter: string
  /** True: the address names a page of the list, which need not be the one of the open request. */
  isPaged: boolean
}

/** Closes the open request when the filter changes and leaves it out. Returns whether a request is open that does not pass the filter. */
function useElsewhere({ entries, waiting, filter: shown }: HeldFeed, { selected, filter, isPaged }: Chosen): boolean {
  const { query } = usePlace()
  const isLoaded = entries !== undefined && shown === filter
  const isListed = [...(entries ?? []), ...waiting].some(({ id }) => id === selected)
  const isOutside = isLoaded && selected !== undefined && filter !== '' && !isPaged && !isListed
  const before = useRef(filter)
  useEffect(() => {
    if (!isLoaded) return
    if (isOutside && before.current !== filter) goTo(linkTo('live', [], query), { replace: true })
    before.current = filter
  }, [isLoaded, filter])
  // A replayed request is open before the list has it.
  const [isSettled, setSettled] = useState(false)
  useEffect(() => {
    setSettled(false)
    if (!isOutside) return
    const timer = setTimeout(() => setSettled(true), settlingMs)
    return () => clearTimeout(timer)
  }, [isOutside, selected])
  return isOutside && isSettled
}

/** Changes of the workspace to show between the requests: as they were when the list was last free to move. */
function useHeldNotes({ isHeld }: HeldFeed): SandboxState['notes'] {
  const now = useSandboxState()?.notes
  const kept = useRef(now)
  if (!isHeld || kept.current === undefined) kept.current = now
  return kept.current ?? []
}

interface BarProps {
  feed: HeldFeed
  filter: string
  counts: OutcomeCounts | undefined
  isPaused: boolean
  onPause: () => void
}

function ListBar({ feed, filter, counts, isPaused, onPause }: BarProps) {
  const { rest, query } = usePlace()
  const [isOpen, setOpen] = useState(false)
  const save = useDeed(() => download(`traffic.har${filter && `?${filter}`}`, 'coinslot.har'))
  const state = isPaused ? 'Paused' : feed.page > 0 ? 'Older requests' : feed.isLive ? (feed.isHeld ? 'Held' : 'Live') : 'Not connected'
  const isInvalid = feed.refusal?.status === 422
  // Some of those that arrived are dropped again.
  const total = filter === '' && counts ? Math.min(feed.total, Math.max(counts.kept, feed.entries?.length ?? 0)) : feed.total
  return (
    <div class="bar list-bar">
      <p class="grow">
        <span class={feed.isLive && !isPaused ? 'pulse' : 'pulse pulse-off'} aria-hidden="true" />
        <span role="status">{isInvalid ? 'The query is not valid, so no request is listed' : state}</span>
        {!isInvalid && `. ${counted(total, 'request')}${filter === '' ? ' kept' : total === 1 ? ' matches' : ' match'}`}
        {!isInvalid && (counts?.dropped ?? 0) > 0 && `, ${counts!.dropped.toLocaleString('en')} older ones dropped`}
      </p>
      <PinnedMenu />
      <button
        type="button"
        class="outline secondary small list-more"
        aria-expanded={isOpen ? 'true' : 'false'}
        aria-controls="list-actions"
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? 'Less' : 'More'}
      </button>
      <div id="list-actions" class={isOpen ? 'list-actions list-actions-open' : 'list-actions'}>
        <button type="button" class="outline secondary small" aria-pressed={isPaused ? 'true' : 'false'} onClick={onPause}>
          {isPaused ? 'Go on' : 'Pause'}
        </button>
        <button type="button" class="outline secondary small" onClick={save.run}>
          Save HAR
        </button>
        <ConfirmButton
          label="Clear"
          question="Forget all kept requests and counters of this workspace? Rows stay."
          yes="Forget them"
          small
          onYes={async () => {
            await ask('DELETE', 'traffic')
            if (rest.length > 0) goTo(linkTo('live', [], query))
            refreshAll()
          }}
        />
      </div>
      <RefusalNote refusal={save.refusal} />
    </div>
  )
}

function Pages({ page, total }: { page: number; total: number }) {
  const { rest, query } = usePlace()
  const last = Math.max(0, Math.ceil(total / pageSize) - 1)
  if (last === 0 && page === 0) return null
  const to = (target: number) => linkTo('live', rest, { ...query, page: target === 0 ? '1' : String(target + 1) })
  return (
    <nav class="bar pages" aria-label="Pages">
      {page > 0 && <a href={to(page - 1)}>Newer</a>}
      <span>
        Page {page + 1} of {last + 1}
      </span>
      {page < last && <a href={to(page + 1)}>Older</a>}
    </nav>
  )
}

function NothingPasses() {
  const { rest, query } = usePlace()
  return (
    <Empty title="No kept request matches.">
      <p>
        <a href={linkTo('live', rest, { ...query, q: undefined, page: undefined })}>Take the query away</a>
      </p>
    </Empty>
  )
}

const settlingMs = 300

function isWithin(frame: HTMLElement | null, target: EventTarget | null): boolean {
  return target instanceof Node && (frame?.contains(target) ?? false)
}
