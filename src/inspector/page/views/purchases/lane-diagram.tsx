import type { StoryEvent } from '../../shapes.js'

/** Lanes by actor. */
export const lanes: Readonly<Record<StoryEvent['lane'], string>> = {
  game: 'Game',
  vendor: 'Vendor',
  store: 'Store',
  webhook: 'Webhook',
}

/** Diagram of the events of a purchase in time order, one lane per actor. The list below it names the same events. */
export function LaneDiagram({ events }: { events: readonly StoryEvent[] }) {
  const shown = events.slice(0, mostEvents)
  const names = Object.keys(lanes) as StoryEvent['lane'][]
  const height = top + shown.length * step
  const x = (lane: StoryEvent['lane']) => laneWidth * (names.indexOf(lane) + 0.5)
  const y = (number: number) => top + step * (number + 0.5)
  return (
    <div class="scroll lanes" tabindex={0} role="group" aria-label="Lanes">
      <svg
        viewBox={`0 0 ${laneWidth * names.length} ${height}`}
        role="img"
        aria-label={`Diagram of ${shown.length} events in the lanes ${Object.values(lanes).join(', ')}; they are listed below.`}
      >
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {names.map((lane) => (
          <g key={lane} class={`lane lane-${lane}`}>
            <text x={x(lane)} y={16} text-anchor="middle">
              {lanes[lane]}
            </text>
            <path d={`M${x(lane)} ${top - 8}V${height}`} />
          </g>
        ))}
        {shown.map((event, number) => (
          <Happening key={String(number)} event={event} from={x(event.lane)} to={x(targetOf(event))} at={y(number)} />
        ))}
      </svg>
    </div>
  )
}

function Happening({ event, from, to, at }: { event: StoryEvent; from: number; to: number; at: number }) {
  const { isGood, title } = event
  const kind = isGood === null ? 'plain' : isGood ? 'good' : 'refused'
  const isArrow = from !== to
  const gap = from < to ? 6 : -6
  const left = Math.min(from, to)
  const middle = isArrow ? (from + to) / 2 : from
  const anchor = !isArrow && left > laneWidth * 2 ? 'end' : isArrow ? 'middle' : 'start'
  const textAt = isArrow ? middle : anchor === 'end' ? from - 10 : from + 10
  return (
    <g class={`happening happening-${kind}`}>
      {isArrow && <path d={`M${from + gap} ${at}H${to - gap}`} marker-end="url(#arrow)" />}
      <circle cx={from} cy={at} r={5} />
      <text x={textAt} y={isArrow ? at - 6 : at + 4} text-anchor={anchor}>
        {title.length > titleCharacters ? `${title.slice(0, titleCharacters - 1)}…` : title}
      </text>
    </g>
  )
}

/** Direction of an event: a request goes to the vendor, a response to the game, a webhook out of the vendor; a store event has no arrow. */
function targetOf({ lane }: StoryEvent): StoryEvent['lane'] {
  if (lane === 'game') return 'vendor'
  if (lane === 'vendor') return 'game'
  return lane
}

const laneWidth = 170
const top = 34
const step = 34
const mostEvents = 40
const titleCharacters = 24
