import { linkTo, usePlace } from '../../place.js'
import type { OutcomeCount, OutcomeCounts } from '../../shapes.js'
import { counted, mood, span } from '../../words.js'

/** Number of requests per outcome over time, as small curves that filter the list when chosen. */
export function OutcomeChips({ counts }: { counts: OutcomeCounts | undefined }) {
  const { rest, query } = usePlace()
  if (!counts || counts.outcomes.length === 0) return null
  const shown = counts.outcomes.slice(0, shownOutcomes)
  const rare = counts.outcomes.slice(shownOutcomes).reduce((sum, { count }) => sum + count, 0)
  const highest = Math.max(1, ...shown.flatMap(({ bars }) => bars))
  return (
    <ul class="chips" aria-label={`Requests by outcome in the last ${span(counts.spanMs)}`}>
      {shown.map((one) => {
        const isOn = query['outcome'] === one.outcome && (query['vendor'] ?? '') === (one.vendor ?? '')
        const wish = isOn ? { outcome: undefined, vendor: undefined } : { outcome: one.outcome, vendor: one.vendor ?? undefined }
        return (
          <li key={`${one.vendor} ${one.outcome}`}>
            <a class="chip" href={linkTo('live', rest, { ...query, page: undefined, ...wish })} aria-current={isOn ? 'true' : undefined}>
              <span class="chip-vendor">{one.vendor ?? 'no vendor'}</span>
              <span class="chip-outcome">{one.outcome}</span>
              <span class="chip-count">{one.count.toLocaleString('en')}</span>
              <Curve one={one} highest={highest} spanMs={counts.spanMs} />
            </a>
          </li>
        )
      })}
      {rare > 0 && <li class="muted">and {counted(rare, 'request')} with rarer outcomes</li>}
    </ul>
  )
}

function Curve({ one, highest, spanMs }: { one: OutcomeCount; highest: number; spanMs: number }) {
  const { bars, status } = one
  const kept = bars.reduce((sum, count) => sum + count, 0)
  const path = bars.map((count, at) => (count === 0 ? '' : `M${at + 0.5} ${height}V${height - barHeight(count, highest)}`)).join('')
  return (
    <svg
      class={`curve curve-${mood(status)}`}
      viewBox={`0 0 ${bars.length} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${counted(kept, 'request')} in the last ${span(spanMs)}`}
    >
      <path d={`M0 ${height}H${bars.length}`} class="curve-ground" />
      <path d={path} />
    </svg>
  )
}

/** Few requests beside very many can still be seen. */
function barHeight(count: number, highest: number): number {
  return 2 + (height - 3) * Math.sqrt(count / highest)
}

const height = 20
const shownOutcomes = 8
