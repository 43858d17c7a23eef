import { useAsked } from '../../asked.js'
import { LongText } from '../../parts/json-view.js'
import { linkTo, usePlace } from '../../place.js'
import { exampleBody, useOperation, type Operation } from '../../openapi.js'
import type { Entry } from '../../shapes.js'
import { differencesOf, type Difference } from './differences.js'

/** For a request that was refused: what would have been accepted, by the last one that was and by the documents. */
export function Accepted({ entry }: { entry: Entry }) {
  const { vendor, method, path, route, status, id } = entry
  const isRefused = status !== null && status >= 400
  const isKnown = isRefused && vendor !== null && route !== null
  const query = new URLSearchParams({ vendor: vendor ?? '', method, path, status: '2xx', limit: '1' })
  const { value: taken } = useAsked<{ entries: Entry[] }>(isKnown ? `traffic?${query.toString()}` : undefined)
  const operation = useOperation(isKnown ? vendor : null, method, route)
  if (!isKnown) return null
  const last = taken?.entries.find((one) => one.id !== id)
  return (
    <section class="part">
      <h3>What would have been accepted</h3>
      {last && <Compared entry={entry} last={last} />}
      {operation && <Documented operation={operation} entry={entry} />}
    </section>
  )
}

function Compared({ entry, last }: { entry: Entry; last: Entry }) {
  const { query } = usePlace()
  const found = differencesOf(entry, last)
  const link = <a href={linkTo('live', [last.id], query)}>{last.id}</a>
  if (found.length === 0) {
    return <p>The last one that was accepted, {link}, was the same: what changed is the state of the sandbox, not the request.</p>
  }
  return (
    <>
      <p>The last one that was accepted on this path, {link}, differs in:</p>
      <DifferenceTable found={found} names={['This request', `Accepted (${last.id})`]} />
    </>
  )
}

function Documented({ operation, entry }: { operation: Operation; entry: Entry }) {
  const example = exampleBody(operation)
  const parsed = example && parsedExample(example)
  const { parsed: mine } = entry.body
  const found =
    parsed === undefined
      ? []
      : differencesOf({ headers: {}, query: {}, body: { parsed: mine } }, { headers: {}, query: {}, body: { parsed } })
  const required = (operation.parameters ?? []).filter((parameter) => parameter.required && parameter.in !== 'path')
  const sent = { ...entry.headers, ...entry.query }
  const missing = required.filter(({ name }) => !(name.toLowerCase() in sent) && !(name in sent))
  return (
    <>
      {missing.length > 0 && <p>Documented as required and not sent: {missing.map(({ name }) => name).join(', ')}.</p>}
      {found.length > 0 && (
        <details>
          <summary>Beside the example of the documents</summary>
          <DifferenceTable found={found} names={['This request', 'Example']} />
        </details>
      )}
      {found.length === 0 && parsed !== undefined && <p>Its body is that of the documents’ example.</p>}
    </>
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

function DifferenceTable({ found, names }: { found: readonly Difference[]; names: readonly [string, string] }) {
  return (
    <div class="scroll" tabindex={0} role="group" aria-label="Differences">
      <table class="compact">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">{names[0]}</th>
            <th scope="col">{names[1]}</th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ place, here, there }) => (
            <tr key={place}>
              <th scope="row">{place}</th>
              <td>{valueOf(here)}</td>
              <td>{valueOf(there)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function valueOf(value: string | undefined) {
  return value === undefined ? <span class="muted">not sent</span> : <LongText text={value} limit={160} />
}
