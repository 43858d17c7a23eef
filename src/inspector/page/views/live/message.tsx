import { useState } from 'hono/jsx/dom'
import { CopyButton } from '../../parts/copy.js'
import { JsonView, LongText } from '../../parts/json-view.js'
import type { Fields, ShownBody } from '../../shapes.js'

interface MessageProps {
  title: string
  line: string
  headers: Fields
  body: ShownBody
  empty: string
}

/** One side of an exchange: its first line, headers and body, parsed and raw. */
export function Message({ title, line, headers, body, empty }: MessageProps) {
  const names = Object.keys(headers)
  return (
    <section class="part">
      <h3>{title}</h3>
      <p class="mono wrap">{line}</p>
      <details>
        <summary>
          {names.length} {names.length === 1 ? 'header' : 'headers'}
        </summary>
        <dl class="headers">
          {names.map((name) => (
            <div key={name}>
              <dt>{name}</dt>
              {[headers[name] ?? ''].flat().map((value, at) => (
                <dd key={String(at)}>{value}</dd>
              ))}
            </div>
          ))}
        </dl>
      </details>
      {body.text === '' ? <p class="muted">{empty}</p> : <Body title={title} body={body} />}
    </section>
  )
}

function Body({ title, body }: { title: string; body: ShownBody }) {
  const layers = layersOf(body)
  const views = [...(body.parsed === null ? [] : [layers ? 'Opened' : 'Parsed']), 'Raw']
  const [chosen, setChosen] = useState(views[0])
  return (
    <>
      <div class="bar">
        <div class="tabs" role="group" aria-label={`${title} body as`}>
          {views.map((view) => (
            <button
              key={view}
              type="button"
              class="outline secondary small"
              aria-pressed={view === chosen ? 'true' : 'false'}
              onClick={() => setChosen(view)}
            >
              {view}
            </button>
          ))}
        </div>
        <span class="muted grow">{body.mediaType || 'no media type'}</span>
        <CopyButton label={`Copy ${title.toLowerCase()} body`} text={body.text} small />
      </div>
      {chosen === 'Raw' ? (
        <pre class="raw" tabindex={0} aria-label={`${title} body, raw`}>
          {body.encoding === 'base64' && <span class="muted">Not UTF-8; shown in Base64:{'\n'}</span>}
          <LongText text={body.text} />
        </pre>
      ) : layers ? (
        <Layers title={title} layers={layers} />
      ) : (
        <JsonView value={body.parsed} label={`${title} body, parsed`} />
      )}
    </>
  )
}

/** Envelopes within each other, the outermost first. */
function Layers({ title, layers }: { title: string; layers: readonly (readonly [string, unknown])[] }) {
  return (
    <ol class="layers">
      {layers.map(([name, value]) => (
        <li key={name}>
          <h4>{name}</h4>
          {typeof value === 'object' && value !== null ? (
            <JsonView value={value} label={`${title}: ${name}`} />
          ) : (
            <pre class="raw" tabindex={0} aria-label={`${title}: ${name}`}>
              <LongText text={String(value)} />
            </pre>
          )}
        </li>
      ))}
    </ol>
  )
}

/**
 * The layers of a sealed body: what was sent, then what was opened. The parsed form of an open body can be read in its text; what
 * was opened cannot.
 */
function layersOf({ text, parsed }: ShownBody): (readonly [string, unknown])[] | undefined {
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const [first] = Object.keys(parsed)
  const plain = text.replaceAll('+', ' ')
  if (first === undefined || plain.includes(first) || plain.includes(encodeURIComponent(first))) return undefined
  return [['As sent: sealed', sentForm(text)], ...openedLayers(parsed)]
}

function openedLayers(parsed: object): (readonly [string, unknown])[] {
  return [['Opened', parsed]]
}

function sentForm(text: string): unknown {
  const isForm = /^[\w%.*+-]+=/.test(text)
  return isForm ? Object.fromEntries(new URLSearchParams(text)) : text
}
