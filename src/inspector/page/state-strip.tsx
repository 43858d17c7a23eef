import { useState } from 'preact/hooks'
import { refreshAll, useDeed } from './asked.js'
import { ask } from './control.js'
import { useSandboxState } from './known.js'
import { linkTo } from './place.js'
import { RefusalNote } from './parts/notes.js'
import type { Delivery, SandboxState } from './shapes.js'
import { answerOf, counted, dayAndTime, differ, span, storeTitle } from './words.js'

/** Departures of the workspace from the ordinary, on every view; each with a link and an undo, which says what it did. */
export function StateStrip() {
  const state = useSandboxState()
  const undo = useDeed()
  const [isOpen, setOpen] = useState(false)
  const [said, setSaid] = useState<Said | undefined>(undefined)
  const items = state ? itemsOf(state) : []
  const more = items.length - 1
  return (
    <div class="strip-place">
      {(items.length > 0 || undo.refusal) && (
        <section class={isOpen ? 'strip strip-open' : 'strip'} aria-label="Not ordinary in this workspace">
          <ul>
            {items.map(({ id, link, text, button, work }) => (
              <li key={id}>
                <a href={link}>{text}</a>
                <button
                  type="button"
                  class="outline small"
                  aria-label={`${button}: ${text}`}
                  aria-busy={undo.isBusy ? 'true' : undefined}
                  disabled={undo.isBusy}
                  onClick={() =>
                    undo.perform(async () => {
                      setSaid(undefined)
                      setSaid(await work())
                      refreshAll()
                    })
                  }
                >
                  {button}
                </button>
              </li>
            ))}
            {more > 0 && (
              <li class="strip-more">
                <button
                  type="button"
                  class="outline small"
                  aria-expanded={isOpen ? 'true' : 'false'}
                  aria-label={`${more} more`}
                  onClick={() => setOpen(!isOpen)}
                >
                  {isOpen ? '−' : `+${more}`}
                </button>
              </li>
            )}
          </ul>
          <RefusalNote refusal={undo.refusal} />
        </section>
      )}
      {/* Always there, so that screen readers announce what appears in it. */}
      <div class="strip-said" role="status">
        {said && (
          <>
            <span class="grow">
              {said.text} {said.link && <a href={said.link.to}>{said.link.text}</a>}
            </span>
            <button type="button" class="outline secondary small" aria-label="Dismiss the message" onClick={() => setSaid(undefined)}>
              ✕
            </button>
          </>
        )}
      </div>
    </div>
  )
}

/** Result of an undo, with the place that shows it. */
interface Said {
  text: string
  link?: { to: string; text: string }
}

interface Item {
  id: string
  link: string
  text: string
  button: string
  work: () => Promise<Said>
}

function itemsOf({ clock, stores, faults, webhooks }: SandboxState): Item[] {
  const clocks = clock.isMoved
    ? [
        {
          id: 'clock',
          link: linkTo('clock'),
          text: clockText(clock),
          button: 'Real time',
          work: () => done(ask('DELETE', 'clock'), 'The clock shows real time.'),
        },
      ]
    : []
  const down = stores
    .filter(({ reachable }) => !reachable)
    .map(({ store }) => ({
      id: store,
      link: linkTo('clock'),
      text: `${storeTitle(store)} cannot be reached`,
      button: 'Switch on',
      work: () => done(ask('PUT', `upstreams/${store}`, { reachable: true }), `${storeTitle(store)} answers again.`),
    }))
  const { failing } = webhooks
  const armed = {
    id: 'faults',
    link: linkTo('faults'),
    text: `${counted(faults.length, 'fault')} armed (${faults.slice(0, 3).join(', ')}${faults.length > 3 ? ' …' : ''})`,
    button: 'Take out',
    work: () =>
      done(
        inTurn(faults, (id) => ask('DELETE', `faults/${encodeURIComponent(id)}`)),
        `${counted(faults.length, 'fault')} taken out.`,
      ),
  }
  const sent = {
    id: 'webhooks',
    link: linkTo('webhooks', [], { show: 'failing' }),
    text: `${counted(failing.length, 'webhook')} failing`,
    button: 'Send again',
    work: () => sendAgain(failing),
  }
  return [...clocks, ...down, ...(faults.length > 0 ? [armed] : []), ...(failing.length > 0 ? [sent] : [])]
}

function clockText({ now, real, frozen }: SandboxState['clock']): string {
  if (frozen) return `Clock frozen at ${dayAndTime(now)}`
  const ahead = Date.parse(now) - Date.parse(real)
  if (!differ(now, real)) return 'Clock set by hand'
  return `Clock ${ahead > 0 ? '+' : '−'}${span(Math.abs(ahead))}`
}

async function done(work: Promise<unknown>, text: string): Promise<Said> {
  await work
  return { text }
}

async function sendAgain(ids: readonly string[]): Promise<Said> {
  const after = await inTurn(ids, (id) => ask<Delivery>('POST', `webhooks/${encodeURIComponent(id)}/redeliver`))
  const received = after.filter(({ status }) => status === 'delivered').length
  const [only] = after
  if (only && after.length === 1) {
    const text = `${only.event} was sent again: ${received === 1 ? 'received' : 'not received'}, ${answerOf(only.history.at(-1))}.`
    return { text, link: { to: linkTo('webhooks', [only.id]), text: `Attempt ${only.attempts}` } }
  }
  const others = after.length - received
  const text = `${counted(after.length, 'webhook')} sent again: ${received} received, ${others} not received.`
  return { text, link: { to: linkTo('webhooks', [], { show: others > 0 ? 'failing' : undefined }), text: 'See the attempts' } }
}

async function inTurn<T>(ids: readonly string[], work: (id: string) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (const id of ids) results.push(await work(id))
  return results
}
