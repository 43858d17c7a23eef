import type { ComponentChildren } from 'preact'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { LongText } from '../../parts/json-view.js'
import { RefusalNote } from '../../parts/notes.js'
import { goTo, linkTo, usePlace } from '../../place.js'
import { exampleBody, useOperation, type Operation } from '../../openapi.js'
import type { Entry, Layer, Related } from '../../shapes.js'
import { isLost, replayOf, withPrefix } from './replay.js'
import { differencesOf, placeOf, shownValue, typeDifference, type Difference } from './differences.js'

interface AcceptedProps {
  entry: Entry
  related: Related | undefined
  /** Decrypted layers of its body. */
  layers: readonly Layer[]
}

/** For a request that did not succeed: what would have been accepted, first by the rule that refused it. */
export function Accepted({ entry, related, layers }: AcceptedProps) {
  const { verdict, expected, fault, vendor } = entry
  if (fault && verdict === 'failed') return <Faulted entry={entry} fault={fault} />
  if (verdict !== 'refused') return null
  const isSealed = layers.some(({ text }) => text === null)
  return (
    <section class="part">
      <h3>What would have been accepted</h3>
      {expected.length > 0 && <Expected entry={entry} />}
      {expected.length === 0 && vendor !== null && (
        <p>The rule names no member that would have to change; the reason above says what it is about.</p>
      )}
      {vendor === null && <Elsewhere entry={entry} />}
      <MintHint entry={entry} isSealed={isSealed} />
      {isSealed ? (
        <p class="muted">Its envelope does not open, so what is inside cannot be compared with an accepted request.</p>
      ) : (
        related?.accepted && <Compared entry={entry} id={related.accepted} />
      )}
      {!isSealed && layers.length === 0 && <Documented entry={entry} />}
    </section>
  )
}

/** A fault replied or changed the reply, so the request is not to blame. */
function Faulted({ entry, fault }: { entry: Entry; fault: NonNullable<Entry['fault']> }) {
  const { query } = usePlace()
  const replay = useDeed(async () => {
    // It may be used up or gone already.
    await ask('DELETE', `faults/${encodeURIComponent(fault.id)}`).catch(() => undefined)
    const { id } = await ask<Entry>('POST', 'traffic/replay', replayOf(entry))
    refreshAll()
    goTo(linkTo('live', [id], query))
  })
  return (
    <section class="part">
      <h3>What would have been accepted</h3>
      <p>
        Nothing in this request is known to be wrong: fault <a href={linkTo('faults', [fault.id])}>{fault.id}</a>{' '}
        {fault.position === 'before' ? 'replied before the vendor saw it.' : 'struck after the vendor had decided.'}
      </p>
      <button
        type="button"
        class="outline small"
        disabled={isLost(entry)}
        onClick={replay.run}
        aria-busy={replay.isBusy ? 'true' : undefined}
      >
        Take {fault.id} out and replay
      </button>
      <RefusalNote refusal={replay.refusal} />
    </section>
  )
}

function Expected({ entry: { expected } }: { entry: Entry }) {
  return (
    <DifferenceTable
      label="Members at fault"
      names={['This request', 'Accepted']}
      rows={expected.map(({ pointer, got, expected: value }) => ({
        place: placeOf(pointer),
        here: got === null ? <span class="muted">not sent</span> : <Value value={got} />,
        there: isDescription(value) ? String(value).replace(/ \([^)]*coinslot mint [^)]*\)/, '') : <Value value={value} />,
      }))}
    />
  )
}

/** True for words about a value in place of the value: only credentials hold a space after their scheme. */
export function isDescription(value: unknown): boolean {
  return typeof value === 'string' && /\s/.test(value) && !/^[A-Z]\w+ \S+$/.test(value)
}

/** A vendor's prefix was left out, or the name leads nowhere. */
function Elsewhere({ entry }: { entry: Entry }) {
  const { query } = usePlace()
  const deed = useDeed()
  const [, prefix] = /\bfront: (\/[\w-]+)\//.exec(entry.explanation) ?? []
  if (prefix === undefined) return <p>A path with the prefix of a vendor, or the host name of one.</p>
  const url = withPrefix(entry.url, prefix)
  const send = () =>
    deed.perform(async () => {
      const { id } = await ask<Entry>('POST', 'traffic/replay', { id: entry.id, url })
      refreshAll()
      goTo(linkTo('live', [id], query))
    })
  return (
    <>
      <button type="button" class="outline small" onClick={send}>
        Send it to {url}
      </button>
      <RefusalNote refusal={deed.refusal} />
    </>
  )
}

/** A link to a new receipt or form, because one that is signed or sealed is valid only as it was signed. */
function MintHint({ entry, isSealed }: { entry: Entry; isSealed: boolean }) {
  const words = entry.expected.map(({ expected }) => String(expected)).join(' ')
  const [, kind] = /coinslot mint (\w+)/.exec(words) ?? []
  const isReceipt = entry.expected.some(({ pointer }) => /receipt|signature|purchase_data|blob/i.test(pointer))
  if (kind === undefined && !isSealed && !isReceipt) return null
  const form = kind ?? (isSealed ? (entry.vendor ?? undefined) : undefined)
  const product = JSON.stringify(entry.body.parsed ?? '').match(/product_?id\\*":\s*\\*"([^"\\]+)/i)?.[1]
  return (
    <p>
      <a role="button" class="outline small" href={linkTo('receipts', form ? [form] : [], { productId: product })}>
        Mint one that passes
      </a>{' '}
      <span class="muted">What is signed or sealed is valid only as it was signed.</span>
    </p>
  )
}

function Compared({ entry, id }: { entry: Entry; id: string }) {
  const { query } = usePlace()
  const { value: other } = useAsked<Entry>(`traffic/${encodeURIComponent(id)}`)
  const operation = useOperation(entry.vendor, entry.method, entry.route)
  if (!other) return null
  const all = differencesOf(entry, other, lookedAt(operation))
  const named = new Set(entry.expected.map(({ pointer }) => placeOf(pointer)))
  const found = all.filter(({ place }) => !named.has(place))
  if (found.length === 0) return null
  return (
    <details>
      <summary>Also different from the newest accepted one</summary>
      <p class="muted">
        <a href={linkTo('live', [id], query)}>{id}</a> was accepted on the same route. These differences need not matter.
      </p>
      <Differences found={found} names={['This request', id]} />
    </details>
  )
}

/** Headers that a vendor looks at: credentials, the type, and those that the route documents. */
export function lookedAt(operation: Operation | undefined): string[] {
  const own = (operation?.parameters ?? []).flatMap(({ name, in: place }) => (place === 'header' ? [name.toLowerCase()] : []))
  return ['authorization', 'content-type', 'content-encoding', ...own]
}

function Documented({ entry }: { entry: Entry }) {
  const { vendor, method, route } = entry
  const operation = useOperation(vendor, method, route)
  const example = operation && exampleBody(operation)
  const parsed = example && parsedExample(example)
  if (!operation || parsed === undefined || entry.body.parsed === null) return null
  const found = differencesOf({ headers: {}, query: {}, body: entry.body }, { headers: {}, query: {}, body: { parsed } }, [])
  if (found.length === 0) return null
  return (
    <details>
      <summary>Beside the example of the documents</summary>
      <Differences found={found} names={['This request', 'Example']} />
    </details>
  )
}

function parsedExample({ mediaType, text }: { mediaType: string; text: string }): unknown {
  if (mediaType === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(text))
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Differences as a table, values with their types. */
export function Differences({ found, names }: { found: readonly Difference[]; names: readonly [string, string] }) {
  const rows = found.map((difference) => ({
    place: difference.place,
    here: <Value value={difference.here} note={typeDifference(difference)} />,
    there: <Value value={difference.there} />,
  }))
  return <DifferenceTable label="Differences" names={names} rows={rows} />
}

interface TableProps {
  label: string
  names: readonly [string, string]
  rows: readonly { place: string; here: ComponentChildren; there: ComponentChildren }[]
}

function DifferenceTable({ label, names, rows }: TableProps) {
  return (
    <div class="scroll" tabindex={0} role="group" aria-label={label}>
      <table class="compact differences">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">{names[0]}</th>
            <th scope="col">{names[1]}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ place, here, there }) => (
            <tr key={place}>
              <th scope="row">{place}</th>
              <td data-label={names[0]}>{here}</td>
              <td data-label={names[1]}>{there}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Value({ value, note }: { value: unknown; note?: string | undefined }) {
  if (value === undefined) return <span class="muted">not sent</span>
  return (
    <>
      <code>
        <LongText text={shownValue(value)} limit={300} />
      </code>
      {note && <span class="muted"> {note}</span>}
    </>
  )
}
