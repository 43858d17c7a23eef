import { useEffect, useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { toClipboard } from '../../parts/copy.js'
import { TextField } from '../../parts/fields.js'
import { Menu } from '../../parts/menu.js'
import { RefusalNote } from '../../parts/notes.js'
import { useCopyOf } from '../../pins.js'
import { goTo, linkTo, usePlace } from '../../place.js'
import { useOperation } from '../../openapi.js'
import type { Entry } from '../../shapes.js'
import { Differences, lookedAt } from './accepted.js'
import { choosing } from './comparing.js'
import { copyFormats } from './copies.js'
import { differencesOf } from './differences.js'

/** The request in the form that a test, a shell or a colleague takes. */
export function CopyMenu({ entry }: { entry: Entry }) {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), saidMs)
    return () => clearTimeout(timer)
  }, [said])
  const copy = async (make: (entry: Entry) => string | Promise<string>, name: string) => {
    const isCopied = await toClipboard(await make(entry)).catch(() => false)
    setSaid(isCopied ? `Copied as ${name}` : 'Could not copy')
  }
  return (
    <div class="said-by">
      <Menu label="Copy as">
        {copyFormats.map(({ name, make, missing }) => {
          const why = missing?.(entry)
          return (
            <button
              key={name}
              type="button"
              class="outline secondary small"
              disabled={why !== undefined}
              onClick={() => void copy(make, name)}
            >
              {why === undefined ? name : `${name}: ${why}`}
            </button>
          )
        })}
      </Menu>
      <span class="said" role="status">
        {said}
      </span>
    </div>
  )
}

const saidMs = 3_000

const effects: readonly (readonly [string, Record<string, unknown>, 'before' | 'after'])[] = [
  ['the answer is lost after it was recorded', { kind: 'drop' }, 'after'],
  ['the connection drops before', { kind: 'drop' }, 'before'],
  ['it answers 503', { kind: 'reply', status: 503 }, 'before'],
  ['it takes 5 s', { kind: 'delay', ms: 5_000 }, 'before'],
  ['the answer does not parse', { kind: 'garble' }, 'after'],
]

/** Makes a fault for the next request of the same call. */
export function NextTime({ entry: { vendor, method, path } }: { entry: Entry }) {
  const deed = useDeed()
  return (
    <>
      <Menu label="Next time …">
        {effects.map(([words, effect, position]) => (
          <button
            key={words}
            type="button"
            class="outline secondary small"
            onClick={() =>
              deed.perform(async () => {
                await ask('POST', 'faults', { match: { vendor, method, path }, effect, position, times: 1 })
                refreshAll()
              })
            }
          >
            {words}
          </button>
        ))}
      </Menu>
      <RefusalNote refusal={deed.refusal} />
    </>
  )
}

/** Compares the request with any other, named by the address. */
export function CompareWith({ entry }: { entry: Entry }) {
  const { rest, query } = usePlace()
  const [wish, setWish] = useState('')
  const other = query['with']
  const to = (id: string | undefined) => goTo(linkTo('live', rest, { ...query, with: id }), { replace: true })
  if (other === undefined) {
    return (
      <button type="button" class="outline secondary small" onClick={() => to(choosing)}>
        Compare
      </button>
    )
  }
  return (
    <section class="part full-row" aria-label="Compare">
      <form
        class="inline"
        onSubmit={(event: Event) => {
          event.preventDefault()
          to(wish.trim() || undefined)
        }}
      >
        <TextField label="Compare with request" value={wish || other.trim()} onValue={setWish} placeholder="r-1" />
        <button type="submit" class="outline small">
          Compare
        </button>
        <button type="button" class="outline secondary small" onClick={() => to(undefined)}>
          Stop comparing
        </button>
      </form>
      {other.trim() === '' && <p class="muted beside-list">Click the other request in the list, or type its id.</p>}
      {other.trim() !== '' && <Comparison key={other} entry={entry} id={other} />}
    </section>
  )
}

function Comparison({ entry, id }: { entry: Entry; id: string }) {
  const { value, refusal } = useAsked<Entry>(`traffic/${encodeURIComponent(id)}`)
  const copy = useCopyOf()(id)
  const other = value ?? (refusal?.status === 404 ? copy?.entry : undefined)
  const operation = useOperation(entry.vendor, entry.method, entry.route)
  const found = other ? differencesOf(entry, other, lookedAt(operation)) : []
  return (
    <>
      <RefusalNote refusal={other ? undefined : refusal} />
      {other && found.length === 0 && <p>Their query, body and credentials are equal.</p>}
      {found.length > 0 && <Differences found={found} names={[entry.id, id]} />}
    </>
  )
}
