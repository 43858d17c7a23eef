import { refreshAll, useDeed } from './asked.js'
import { ask } from './control.js'
import { useSandboxState } from './known.js'
import { linkTo } from './place.js'
import { RefusalNote } from './parts/notes.js'
import type { SandboxState } from './shapes.js'
import { counted, dayAndTime, differ, span, storeTitle } from './words.js'

/** Departures of the workspace from the ordinary, on every view; each with a link and an undo. */
export function StateStrip() {
  const state = useSandboxState()
  const undo = useDeed()
  const items = state ? itemsOf(state) : []
  if (items.length === 0 && !undo.refusal) return null
  return (
    <section class="strip" aria-label="Not ordinary in this workspace">
      <ul>
        {items.map(({ id, link, text, button, work }) => (
          <li key={id}>
            <a href={link}>{text}</a>
            <button
              type="button"
              class="outline small"
              aria-label={`${button}: ${text}`}
              disabled={undo.isBusy}
              onClick={() =>
                undo.perform(async () => {
                  await work()
                  refreshAll()
                })
              }
            >
              {button}
            </button>
          </li>
        ))}
      </ul>
      <RefusalNote refusal={undo.refusal} />
    </section>
  )
}

interface Item {
  id: string
  link: string
  text: string
  button: string
  work: () => Promise<unknown>
}

function itemsOf({ clock, stores, faults, webhooks }: SandboxState): Item[] {
  const clocks = clock.isMoved
    ? [{ id: 'clock', link: linkTo('clock'), text: clockText(clock), button: 'Real time', work: () => ask('DELETE', 'clock') }]
    : []
  const down = stores
    .filter(({ reachable }) => !reachable)
    .map(({ store }) => ({
      id: store,
      link: linkTo('clock'),
      text: `${storeTitle(store)} cannot be reached`,
      button: 'Switch on',
      work: () => ask('PUT', `upstreams/${store}`, { reachable: true }),
    }))
  const { failing } = webhooks
  const armed = {
    id: 'faults',
    link: linkTo('faults'),
    text: `${counted(faults.length, 'fault')} armed (${faults.slice(0, 3).join(', ')}${faults.length > 3 ? ' …' : ''})`,
    button: 'Take out',
    work: () => inTurn(faults, (id) => ask('DELETE', `faults/${encodeURIComponent(id)}`)),
  }
  const sent = {
    id: 'webhooks',
    link: linkTo('webhooks', [], { show: 'failing' }),
    text: `${counted(failing.length, 'webhook')} failing`,
    button: 'Send again',
    work: () => inTurn(failing, (id) => ask('POST', `webhooks/${encodeURIComponent(id)}/redeliver`)),
  }
  return [...clocks, ...down, ...(faults.length > 0 ? [armed] : []), ...(failing.length > 0 ? [sent] : [])]
}

function clockText({ now, real, frozen }: SandboxState['clock']): string {
  if (frozen) return `Clock frozen at ${dayAndTime(now)}`
  const ahead = Date.parse(now) - Date.parse(real)
  if (!differ(now, real)) return 'Clock set by hand'
  return `Clock ${ahead > 0 ? '+' : '−'}${span(Math.abs(ahead))}`
}

async function inTurn(ids: readonly string[], work: (id: string) => Promise<unknown>): Promise<void> {
  for (const id of ids) await work(id)
}
