import { refreshAll, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { useSandboxState } from '../../known.js'
import { Badge } from '../../parts/marks.js'
import { RefusalNote } from '../../parts/notes.js'
import { linkTo, usePlace } from '../../place.js'
import type { Entry, Related } from '../../shapes.js'
import { duration, reportWords, storeTitle } from '../../words.js'

/** The explanation, coloured by the verdict; warnings have another tone. */
export function Why({ entry, related }: { entry: Entry; related: Related | undefined }) {
  const { explanation, warnings, fault, verdict } = entry
  return (
    <div class={`why why-${verdict}`}>
      <p>{explanation ? <Linked text={explanation} /> : 'The sandbox has nothing to say about this request.'}</p>
      {fault && (
        <p>
          <Badge text="fault" kind="fault" /> <a href={linkTo('faults', [fault.id])}>{fault.id}</a> was applied {fault.position} the vendor
          saw it: {fault.kind}.
        </p>
      )}
      {verdict === 'pending' && <Waits />}
      {(warnings.length > 0 || (related?.marks.length ?? 0) > 0) && (
        <ul class="why-warnings" aria-label="Warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
          {related?.marks.map(({ rule, previous, afterMs }) => (
            <li key={rule + previous}>
              <a href={linkTo('report')}>Client report</a>: {reportWords[rule]?.mark(duration(afterMs))}, see <Linked text={previous} />.
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** A pending purchase is decided when its store answers again. */
function Waits() {
  const state = useSandboxState()
  const deed = useDeed()
  const down = (state?.stores ?? []).filter(({ reachable }) => !reachable)
  return (
    <>
      {down.map(({ store }) => (
        <p key={store}>
          It is decided when {storeTitle(store)} answers again.{' '}
          <button
            type="button"
            class="outline small"
            onClick={() =>
              deed.perform(async () => {
                await ask('PUT', `upstreams/${store}`, { reachable: true })
                refreshAll()
              })
            }
          >
            Switch it on
          </button>
        </p>
      ))}
      <RefusalNote refusal={deed.refusal} />
    </>
  )
}

/** Text in which ids of requests are links. */
function Linked({ text }: { text: string }) {
  const { query } = usePlace()
  return (
    <>
      {text.split(/(\br-[\d-]*\d\b)/).map((part, at) =>
        at % 2 === 1 ? (
          <a key={String(at)} href={linkTo('live', [part], query)}>
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </>
  )
}
