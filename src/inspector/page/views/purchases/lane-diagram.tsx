import { goTo } from '../../place.js'
import type { StoryEvent } from '../../shapes.js'
import { signs, span, timeOfDay } from '../../words.js'

/** Lanes by party; moves of the clock go across all of them. */
export const lanes: Readonly<Record<StoryEvent['lane'], string>> = {
  game: 'Game',
  vendor: 'Vendor',
  store: 'Store',
  webhook: 'Webhook',
  clock: 'Clock',
}

const shownLanes = ['store', 'game', 'vendor', 'webhook'] as const

/** A line of the diagram: an event, or the time that passes between two. */
type Line = { kind: 'event'; event: StoryEvent } | { kind: 'gap'; ms: number }

/** Diagram of a purchase in time order: an arrow for each message, long pauses folded to one line. The list below it names the same events. */
export function LaneDiagram({ events, linkOf }: { events: readonly StoryEvent[]; linkOf: (event: StoryEvent) => string | undefined }) {
  const shown = events.slice(0, mostEvents)
  const lines = linesOf(shown)
  const height = top + lines.length * step
  return (
    <div class="scroll lanes" tabindex={0} role="group" aria-label="Lanes">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Diagram of ${shown.length} events in the lanes ${shownLanes.map((lane) => lanes[lane]).join(', ')}; they are listed below.`}
      >
        {shownLanes.map((lane) => (
          <g key={lane} class="lane">
            <text x={placeOf(lane)} y={16} text-anchor="middle">
              {lanes[lane]}
            </text>
            <path d={`M${placeOf(lane)} ${top - 8}V${height}`} />
          </g>
        ))}
        {lines.map((line, number) => {
          const y = top + step * (number + 0.5)
          if (line.kind === 'gap') return <Gap key={String(number)} ms={line.ms} y={y} />
          return <Happening key={String(number)} event={line.event} y={y} link={linkOf(line.event)} />
        })}
      </svg>
    </div>
  )
}

function linesOf(events: readonly StoryEvent[]): Line[] {
  let last: number | undefined
  return events.flatMap((event): Line[] => {
    const at = event.at === null ? undefined : Date.parse(event.at)
    const gap = last === undefined || at === undefined ? 0 : at - last
    last = at ?? last
    return gap >= foldedMs
      ? [
          { kind: 'gap', ms: gap },
          { kind: 'event', event },
        ]
      : [{ kind: 'event', event }]
  })
}

function Gap({ ms, y }: { ms: number; y: number }) {
  return (
    <g class="gap">
      <rect x={0} y={y - 11} width={width} height={22} />
      <text x={width / 2} y={y + 4} text-anchor="middle">
        {span(ms)} pass
      </text>
    </g>
  )
}

function Happening({ event, y, link }: { event: StoryEvent; y: number; link: string | undefined }) {
  const { lane, to, at, title, tone } = event
  const time = at === null ? 'now' : timeOfDay(at)
  const from = placeOf(lane)
  const target = to === null ? undefined : placeOf(to)
  const text = title.length > titleCharacters ? `${title.slice(0, titleCharacters - 1)}…` : title
  return (
    <g
      class={`happening tone-${tone}${link === undefined ? '' : ' happening-link'}`}
      onClick={link === undefined ? undefined : () => goTo(link)}
    >
      <title>{`${time} ${title}`}</title>
      <rect x={0} y={y - step / 2} width={width} height={step} class={lane === 'clock' ? 'band' : 'ground'} />
      <text x={4} y={y + 4} class="time">
        {time}
      </text>
      {lane === 'clock' ? (
        <text x={width / 2} y={y + 4} text-anchor="middle">
          {text}
        </text>
      ) : target === undefined ? (
        <Point at={from} y={y} text={`${signs[tone]} ${text}`} />
      ) : (
        <Arrow from={from} to={target} y={y} text={tone === 'plain' ? text : `${signs[tone]} ${text}`} />
      )}
    </g>
  )
}

function Point({ at, y, text }: { at: number; y: number; text: string }) {
  const isRight = at > width * 0.6
  return (
    <>
      <circle cx={at} cy={y} r={5} />
      <text x={isRight ? at - 10 : at + 10} y={y + 4} text-anchor={isRight ? 'end' : 'start'}>
        {text}
      </text>
    </>
  )
}

function Arrow({ from, to, y, text }: { from: number; to: number; y: number; text: string }) {
  const by = from < to ? 1 : -1
  const tip = to - by * 4
  const middle = (from + to) / 2
  return (
    <>
      <circle cx={from} cy={y + 6} r={3.5} />
      <path d={`M${from} ${y + 6}H${tip}M${tip - by * 7} ${y + 2}L${tip} ${y + 6}L${tip - by * 7} ${y + 10}`} />
      <text x={middle} y={y} text-anchor="middle">
        {text}
      </text>
    </>
  )
}

function placeOf(lane: StoryEvent['lane']): number {
  const at = shownLanes.findIndex((one) => one === lane)
  return timeWidth + laneWidth * (Math.max(0, at) + 0.4)
}

const timeWidth = 90
const laneWidth = 210
const width = timeWidth + laneWidth * shownLanes.length
const top = 34
const step = 32
const mostEvents = 60
const titleCharacters = 34
/** Shorter pauses show in the times. */
const foldedMs = 60_000
