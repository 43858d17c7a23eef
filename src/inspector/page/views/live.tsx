import { useState } from 'preact/hooks'
import { ask } from '../control.js'
import { refreshAll, useAsked } from '../asked.js'
import { pageSize, useFeed } from '../feed.js'
import { ConfirmButton } from '../parts/confirm.js'
import { CopyBlock } from '../parts/copy.js'
import { Empty, RefusalNote, Waiting } from '../parts/notes.js'
import { goTo, linkTo, usePlace } from '../place.js'
import type { OutcomeCounts, Vendor } from '../shapes.js'
import { counted } from '../words.js'
import { Detail } from './live/detail.js'
import { Filters, filterNames, filterQuery } from './live/filters.js'
import { HarButton } from './live/har-button.js'
import { OutcomeChips } from './live/outcome-chips.js'
import { RequestList } from './live/request-list.js'

/** Requests as they arrive, and one of them in full. */
export function Live() {
  const { rest, query } = usePlace()
  const [isHeld, setHeld] = useState(false)
  const page = Math.max(0, Number(query['page'] ?? 1) - 1) || 0
  const filter = filterQuery(query)
  const feed = useFeed(filter, page, isHeld)
  const { value: counts } = useAsked<OutcomeCounts>('traffic/outcomes', 2_000)
  const { value: vendors } = useAsked<{ vendors: Vendor[] }>('vendors')
  const selected = rest[0]
  const isFiltered = filter !== ''
  return (
    <div class={selected === undefined ? 'live' : 'live live-open'}>
      <section class="live-list" aria-label="Requests">
        <Filters counts={counts} vendors={vendors?.vendors ?? []} />
        <OutcomeChips counts={counts} />
        <div class="bar">
          <p class="grow" role="status">
            <span class={feed.isLive ? 'pulse' : 'pulse pulse-off'} aria-hidden="true" />
            {feed.isLive ? 'Live. ' : isHeld ? 'Paused. ' : page > 0 ? 'Older requests. ' : 'Not connected. '}
            {counted(feed.total, 'request')}
            {isFiltered ? (feed.total === 1 ? ' passes the filter' : ' pass the filter') : ' kept'}
            {(counts?.dropped ?? 0) > 0 && `, ${counts!.dropped.toLocaleString('en')} older ones dropped`}
          </p>
          <button type="button" class="outline secondary" aria-pressed={isHeld ? 'true' : 'false'} onClick={() => setHeld(!isHeld)}>
            {isHeld ? 'Go on' : 'Pause'}
          </button>
          <HarButton filter={filter} />
          <ConfirmButton
            label="Clear"
            question="Forget all kept requests and counters of this workspace? Rows stay."
            yes="Forget them"
            onYes={async () => {
              await ask('DELETE', 'traffic')
              goTo(linkTo('live'))
              refreshAll()
            }}
          />
        </div>
        <RefusalNote refusal={feed.refusal} />
        {feed.entries === undefined && !feed.refusal && <Waiting />}
        {feed.entries?.length === 0 && (isFiltered ? <NothingPasses /> : <NothingYet />)}
        {feed.entries && feed.entries.length > 0 && <RequestList entries={feed.entries} selected={selected} />}
        <Pages page={page} total={feed.total} />
      </section>
      {selected !== undefined && <Detail key={selected} id={selected} />}
    </div>
  )
}

function Pages({ page, total }: { page: number; total: number }) {
  const { rest, query } = usePlace()
  const last = Math.max(0, Math.ceil(total / pageSize) - 1)
  if (last === 0 && page === 0) return null
  const to = (target: number) => linkTo('live', rest, { ...query, page: target === 0 ? undefined : String(target + 1) })
  return (
    <nav class="bar" aria-label="Pages">
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
  const rid = Object.fromEntries(filterNames.map((name) => [name, undefined]))
  return (
    <Empty title="No kept request passes the filter.">
      <p>
        <a href={linkTo('live', rest, { ...query, ...rid, page: undefined })}>Take the filter away</a>
      </p>
    </Empty>
  )
}

function NothingYet() {
  const { value } = useAsked<{ vendors: Vendor[] }>('vendors')
  const [vendor] = value?.vendors ?? []
  return (
    <Empty title="Nothing has been asked yet.">
      <p>
        Point a game build or a server at this sandbox and its requests appear here at once. <a href={linkTo('devices')}>Devices</a> says
        how, <a href={linkTo('vendors')}>Vendors</a> has a request for each call that works as it stands.
      </p>
      {vendor && <CopyBlock label="A first request" text={`curl -i ${window.location.origin}/${vendor.id}/`} />}
    </Empty>
  )
}
