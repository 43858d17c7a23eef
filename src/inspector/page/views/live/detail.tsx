import { useEffect, useRef, useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { useKeys } from '../../keys.js'
import { useTitle, useVendors, vendorTitle } from '../../known.js'
import { Badge, VerdictMark } from '../../parts/marks.js'
import { switchMenu } from '../../parts/menu.js'
import { RefusalNote, Waiting } from '../../parts/notes.js'
import { useCopyOf, type PinnedCopy } from '../../pins.js'
import { goTo, linkTo, usePlace } from '../../place.js'
import type { BriefEntry, Entry, Related, Unsealed } from '../../shapes.js'
import { dayAndTime, differ, duration } from '../../words.js'
import { Accepted } from './accepted.js'
import { Checks } from './checks.js'
import { CompareWith, CopyMenu, NextTime } from './deeds.js'
import { Editor } from './editor.js'
import { Message } from './message.js'
import { CopyNote, DroppedPin, OtherNote, PinButton } from './pinned.js'
import { isLost, replayOf } from './replay.js'
import { Touched } from './touched.js'
import { Why } from './why.js'

interface DetailProps {
  id: string
  /** The list beside it. */
  entries: readonly BriefEntry[]
  /** True: it does not pass the filter of the list. */
  isElsewhere: boolean
  /** False: a key moves through the list, and goes on doing so. */
  takesFocus: boolean
}

/** One request in full: first its outcome and explanation, then request and response. */
export function Detail({ id, entries, isElsewhere, takesFocus }: DetailProps) {
  const { query } = usePlace()
  const { value: kept, refusal } = useAsked<Entry>(`traffic/${encodeURIComponent(id)}`)
  const copy = useCopyOf()(id)
  const [isCopyWanted, setCopyWanted] = useState(false)
  const isOther = kept !== undefined && copy !== undefined && copy.entry.at !== kept.at
  const isCopyShown = copy !== undefined && (refusal?.status === 404 || (isOther && isCopyWanted))
  const entry = isCopyShown ? copy.entry : kept
  const place = entries.findIndex((one) => one.id === id)
  const heading = useRef<HTMLHeadingElement>(null)
  useTitle(entry && `${id} ${entry.status ?? 'no answer'}`)
  useEffect(() => {
    if (takesFocus) heading.current?.focus()
  }, [])
  const step = (to: BriefEntry | undefined, words: string, sign: string) =>
    to ? (
      <a role="button" class="outline secondary small" href={linkTo('live', [to.id], query)} aria-label={words}>
        {sign}
      </a>
    ) : null
  return (
    <section class="detail" aria-label={`Request ${id}`}>
      <div class="detail-bar">
        {step(entries[place - 1], 'Newer request', '‹')}
        {place >= 0 && step(entries[place + 1], 'Older request', '›')}
        <h2 class="detail-title grow" ref={heading} tabindex={-1}>
          <span class="muted">{id}</span>{' '}
          {entry && (
            <>
              <b>{entry.method}</b> <span class="wrap">{entry.path || entry.url}</span>
            </>
          )}
        </h2>
        <a role="button" class="outline secondary small" href={linkTo('live', [], query)} aria-label={`Close ${id}`}>
          ✕
        </a>
      </div>
      {isElsewhere && (
        <p class="note note-waiting" role="status">
          {id} does not match <code>{query['q']}</code>, so the list does not have it.{' '}
          <a href={linkTo('live', [id], { ...query, q: undefined })}>Take the query away</a>
        </p>
      )}
      {isOther && <OtherNote copy={copy} isCopyShown={isCopyShown} onSwitch={() => setCopyWanted(!isCopyWanted)} />}
      {isCopyShown && !isOther && <CopyNote copy={copy} />}
      <RefusalNote refusal={isCopyShown ? undefined : refusal} />
      {refusal?.status === 404 && !copy && <DroppedPin id={id} />}
      {!entry && !refusal && <Waiting />}
      {entry && <Whole key={entry.at} entry={entry} copy={isCopyShown ? copy : undefined} />}
    </section>
  )
}

function Whole({ entry, copy }: { entry: Entry; copy: PinnedCopy | undefined }) {
  const { method, url, vendor, route, at, durationMs, status, verdict, outcome, workspace } = entry
  const path = `traffic/${encodeURIComponent(entry.id)}`
  const { value: askedLayers } = useAsked<Unsealed>(copy ? undefined : `${path}/layers`)
  const { value: askedRelated } = useAsked<Related>(copy ? undefined : `${path}/related`)
  const layers = copy?.layers ?? askedLayers
  // The request that it was compared with may be dropped as well.
  const related = copy ? { ...copy.related, accepted: null } : askedRelated
  const vendors = useVendors()
  const arrived = related?.receivedAt ?? at
  return (
    <>
      <p class="facts">
        <VerdictMark verdict={verdict} status={status} /> <Badge text={outcome} /> <span>{vendorTitle(vendor, vendors)}</span>{' '}
        <span>{dayAndTime(arrived)}</span> {differ(at, arrived) && <span class="clock-time">sandbox clock: {dayAndTime(at)}</span>}{' '}
        <span>took {duration(durationMs)}</span> {workspace !== 'default' && <span>workspace {workspace}</span>}
        {route && route !== entry.path && <span class="wrap">route {route}</span>}
      </p>
      <Why entry={entry} related={related} />
      <Deeds entry={entry} related={related} />
      <Accepted entry={entry} related={related} layers={layers?.request ?? []} />
      <Checks entry={entry} />
      <Touched entry={entry} related={related} />
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

function Deeds({ entry, related }: { entry: Entry; related: Related | undefined }) {
  const { query } = usePlace()
  const [isEditing, setEditing] = useState(false)
  const replay = useDeed(async () => {
    const { id } = await ask<Entry>('POST', 'traffic/replay', replayOf(entry))
    refreshAll()
    goTo(linkTo('live', [id], query))
  })
  const [purchase] = related?.purchases ?? []
  const story = purchase && linkTo('purchases', [purchase.vendor, purchase.table, purchase.key])
  useSamePurchase(entry, purchase)
  useKeys({
    r: isLost(entry) ? undefined : replay.run,
    e: isLost(entry) ? undefined : () => setEditing(true),
    c: () => switchMenu('copy as'),
  })
  return (
    <>
      <div class="bar">
        {story && (
          <a role="button" class="small" href={story}>
            Story of this purchase
          </a>
        )}
        <button
          type="button"
          class="outline small"
          disabled={isLost(entry)}
          aria-busy={replay.isBusy ? 'true' : undefined}
          onClick={replay.run}
        >
          Replay
        </button>
        <button
          type="button"
          class="outline small"
          disabled={isLost(entry)}
          aria-expanded={isEditing ? 'true' : 'false'}
          onClick={() => setEditing(!isEditing)}
        >
          Edit and replay
        </button>
        <CopyMenu entry={entry} />
        {entry.vendor !== null && <NextTime entry={entry} />}
        <CompareWith entry={entry} />
        <PinButton id={entry.id} />
      </div>
      <RefusalNote refusal={replay.refusal} />
      {isEditing && <Editor entry={entry} accepted={related?.accepted ?? undefined} onClose={() => setEditing(false)} />}
    </>
  )
}

/** `[` and `]` go to the previous and the next request of the same purchase. */
function useSamePurchase({ id }: Entry, purchase: Related['purchases'][number] | undefined): void {
  const { query } = usePlace()
  const path = purchase && `purchases/${purchase.vendor}/${purchase.table}/${encodeURIComponent(purchase.key)}`
  const step = (by: number) => {
    if (path === undefined) return
    void ask<{ events: { entry: string | null }[] }>('GET', path).then(
      ({ events }) => {
        const ids = [...new Set(events.flatMap(({ entry }) => entry ?? []))]
        const to = ids[ids.indexOf(id) + by]
        if (to !== undefined) goTo(linkTo('live', [to], query))
      },
      () => undefined,
    )
  }
  useKeys({ '[': () => step(-1), ']': () => step(1) })
}
