import { useState } from 'preact/hooks'
import { refreshAll, useDeed } from '../../asked.js'
import { CopyBlock } from '../../parts/copy.js'
import { Badge } from '../../parts/marks.js'
import { RefusalNote, Waiting } from '../../parts/notes.js'
import { useOperation } from '../../openapi.js'
import { goTo, linkTo } from '../../place.js'
import type { Vendor } from '../../shapes.js'
import { curlLine, requestOf, sendExample } from './example.js'

/** One call with its summary, evidence, differences and a request to try. */
export function RouteLine({ vendor, route }: { vendor: Vendor; route: Vendor['routes'][number] }) {
  const { method, path, summary, evidence } = route
  const [isOpen, setOpen] = useState(false)
  return (
    <li class="line line-column">
      <div class="bar">
        <span class="grow wrap">
          <b>{method}</b> {path} <span class="muted">{summary}</span>
        </span>
        <Badge text={evidence.level} kind={evidence.level} />
        <button
          type="button"
          class="outline secondary small"
          aria-expanded={isOpen ? 'true' : 'false'}
          aria-label={`${isOpen ? 'Less' : 'More'} of ${method} ${path}`}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Less' : 'More'}
        </button>
      </div>
      {isOpen && (
        <>
          <p>
            Known from: {evidence.source}
            {evidence.gaps.length === 0 && '. No gap is known.'}
          </p>
          {evidence.gaps.length > 0 && (
            <ul aria-label="Known gaps">
              {evidence.gaps.map((gap) => (
                <li key={gap}>{gap}</li>
              ))}
            </ul>
          )}
          <Try vendor={vendor} route={route} />
        </>
      )}
    </li>
  )
}

function Try({ vendor, route }: { vendor: Vendor; route: Vendor['routes'][number] }) {
  const operation = useOperation(vendor.id, route.method, route.path)
  const deed = useDeed(async () => {
    if (!operation) return
    const id = await sendExample(requestOf(vendor, route, operation))
    refreshAll()
    goTo(linkTo('live', [id]))
  })
  if (!operation) return <Waiting />
  return (
    <>
      {operation['x-needs'] !== undefined && <p>{operation['x-needs']}</p>}
      <CopyBlock label={`curl for ${route.method} ${route.path}`} text={curlLine(requestOf(vendor, route, operation))} />
      <button type="button" class="outline small" aria-busy={deed.isBusy ? 'true' : undefined} onClick={deed.run}>
        Send it
      </button>
      <RefusalNote refusal={deed.refusal} />
    </>
  )
}
