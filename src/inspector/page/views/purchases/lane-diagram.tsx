import { useEffect, useRef, useState } from 'preact/hooks'
import { goTo } from '../../place.js'
import type { StoryEvent } from '../../shapes.js'
import { dayAndTime, plainTimes, signs, span, timeOfDay } from '../../words.js'

/** Title of an event; those of moves of the clock get their ISO 8601 times in words. */
export function titleOf({ lane, title }: StoryEvent): string {
  return lane === 'clock' ? plainTimes(title) : title
}

/** Lanes by party; moves of the clock go across all of them. */
export const lanes: Readonly<Record<StoryEvent['lane'], string>> = {
  game: 'Game',
  vendor: 'Vendor',
  store: 'Store',
  webhook: 'Webhook',
  clock: 'Clock',
}

const shownLanes = ['store', 'game', 'vendor', 'webhook'] as const

/** A line of a story: an event, or the time that passes between two. */
export type Line = { kind: 'event'; event: StoryEvent; time: string } | { kind: 'gap'; ms: number }

/**
 * Diagram of a purchase in time order: an arrow for each message, long pauses folded to one line. The list below it names the same events,
 * and stands alone where a screen is too narrow for lanes.
 */
export function LaneDiagram({ events, linkOf }: { events: readonly StoryEvent[]; linkOf: (event: StoryEvent) => string | undefined }) {
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const shown = events.slice(0, mostEvents)
  const lines = linesOf(shown)
  const height = top + lines.length * step
  const space: Space = { width, laneWidth: (width - timeWidth) / shownLanes.length }
  return (
    <div class="lanes" ref={frame}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={`Diagram of ${shown.length} events in the lanes ${shownLanes.map((lane) => lanes[lane]).join(', ')}; they are listed below.`}
      >
        {shownLanes.map((lane) => (
          <g key={lane} class="lane">
            <text x={placeOf(lane, space)} y={16} text-anchor="middle">
              {lanes[lane]}
            </text>
            <path d={`M${placeOf(lane, space)} ${top - 8}V${height}`} />
          </g>
        ))}
        {lines.map((line, number) => {
          const y = top + step * (number + 0.5)
          if (line.kind === 'gap') return <Gap key={String(number)} ms={line.ms} y={y} width={width} />
          return <Happening key={String(number)} line={line} y={y} link={linkOf(line.event)} space={space} />
        })}
      </svg>
    </div>
  )
}

/** Width of an element in pixels, so that text is drawn in its own size. */
function useWidth(frame: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(usualWidth)
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const watch = new ResizeObserver(() => {
      const { paddingLeft, paddingRight } = getComputedStyle(element)
      const inner = element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
      // A hidden diagram has no width.
      if (inner > 0) setWidth(Math.floor(inner))
    })
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  return width
}

/** Room for the lanes, in pixels. */
interface Space {
  width: number
  laneWidth: number
}

/** Events with the pauses between them; a time names its day where that differs from the day before. */
export function linesOf(events: readonly StoryEvent[]): Line[] {
  let last: number | undefined
  return events.flatMap((event): Line[] => {
    const at = event.at === null ? undefined : Date.parse(event.at)
    const gap = last === undefined || at === undefined ? 0 : at - last
    const isSameDay = last !== undefined && at !== undefined && new Date(last).toDateString() === new Date(at).toDateString()
    last = at ?? last
    const time = event.at === null ? 'now' : isSameDay ? timeOfDay(event.at) : dayAndTime(event.at)
    const line: Line = { kind: 'event', event, time }
    return gap >= foldedMs ? [{ kind: 'gap', ms: gap }, line] : [line]
  })
}

function Gap({ ms, y, width }: { ms: number; y: number; width: number }) {
  return (
    <g class="gap">
      <rect x={0} y={y - 11} width={width} height={22} />
      <text x={width / 2} y={y + 4} text-anchor="middle">
        {span(ms)} pass
      </text>
    </g>
  )
}

interface HappeningProps {
  line: Extract<Line, { kind: 'event' }>
  y: number
  link: string | undefined
  space: Space
}

function Happening({ line: { event, time }, y, link, space }: HappeningProps) {
  const { lane, to, tone } = event
  const title = titleOf(event)
  const { width } = space
  const from = placeOf(lane, space)
  const target = to === null ? undefined : placeOf(to, space)
  const room = lane === 'clock' ? width - timeWidth : target === undefined ? space.laneWidth * 1.5 : Math.abs(from - target) * 1.1
  const characters = Math.max(8, Math.floor(room / characterWidth))
  const text = title.length > characters ? `${title.slice(0, characters - 1)}…` : title
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
        <Point at={from} y={y} isRight={from > width * 0.6} text={`${signs[tone]} ${text}`} />
      ) : (
        <Arrow from={from} to={target} y={y} text={tone === 'plain' ? text : `${signs[tone]} ${text}`} />
      )}
    </g>
  )
}

function Point({ at, y, isRight, text }: { at: number; y: number; isRight: boolean; text: string }) {
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

function placeOf(lane: StoryEvent['lane'], { laneWidth }: Space): number {
  const at = shownLanes.findIndex((one) => one === lane)
  return timeWidth + laneWidth * (Math.max(0, at) + 0.5)
}

const usualWidth = 900
const timeWidth = 130
const characterWidth = 6.4
const top = 34
const step = 32
const mostEvents = 60
/** Shorter pauses show in the times. */
const foldedMs = 60_000
