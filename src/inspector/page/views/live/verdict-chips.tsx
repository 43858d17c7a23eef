import { linkTo, usePlace } from '../../place.js'
import type { OutcomeCounts, Tone } from '../../shapes.js'
import { keptOf, signs, span } from '../../words.js'
import { joinQuery, wordsOf } from './query-line.js'

/** Those that a tester looks for come first. */
const verdicts = ['refused', 'failed', 'pending', 'repeated', 'accepted'] as const

/** Number of kept requests by verdict, beside that of all since the last reset if some were dropped, as small curves that filter the list when chosen. */
export function VerdictChips({ counts }: { counts: OutcomeCounts | undefined }) {
  const { rest, query } = usePlace()
  if (!counts || counts.outcomes.length === 0) return null
  const words = wordsOf(query['q'] ?? '')
  const shown = verdicts.flatMap((verdict) => {
    const own = counts.outcomes.filter((one) => one.verdict === verdict)
    const count = own.reduce((sum, one) => sum + one.count, 0)
    return count === 0 ? [] : [{ verdict, count, kept: keptOf(own), bars: sumOf(own.map(({ bars }) => bars)) }]
  })
  const highest = Math.max(1, ...shown.flatMap(({ bars }) => bars))
  return (
    <ul class="chips" aria-label={`Requests by verdict, with curves over the last ${span(counts.spanMs)}`}>
      {shown.map(({ verdict, count, kept, bars }) => {
        const word = `is:${verdict}`
        const isOn = words.includes(word)
        const others = words.filter((one) => !one.startsWith('is:'))
        const q = joinQuery(isOn ? others : [word, ...others])
        return (
          <li key={verdict}>
            <a
              class="chip"
              href={linkTo('live', rest, { ...query, page: undefined, q })}
              aria-current={isOn ? 'true' : undefined}
              title={kept < count ? `${kept.toLocaleString('en')} kept of ${count.toLocaleString('en')}` : undefined}
            >
              <span class={`mark mark-${verdict}`} aria-hidden="true">
                {signs[verdict]}
              </span>
              {verdict} <b>{kept.toLocaleString('en')}</b>
              {kept < count && <span class="kept-of"> kept of {count.toLocaleString('en')}</span>}
              <Curve verdict={verdict} bars={bars} highest={highest} />
            </a>
          </li>
        )
      })}
    </ul>
  )
}

function Curve({ verdict, bars, highest }: { verdict: Tone; bars: readonly number[]; highest: number }) {
  const path = bars.map((count, at) => (count === 0 ? '' : `M${at + 0.5} ${height}V${height - barHeight(count, highest)}`)).join('')
  return (
    <svg class={`curve tone-${verdict}`} viewBox={`0 0 ${bars.length} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={`M0 ${height}H${bars.length}`} class="curve-ground" />
      <path d={path} />
    </svg>
  )
}

function sumOf(rows: readonly (readonly number[])[]): number[] {
  return (rows[0] ?? []).map((_first, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0))
}

/** Few requests beside very many can still be seen. */
function barHeight(count: number, highest: number): number {
  return 2 + (height - 3) * Math.sqrt(count / highest)
}

const height = 20
