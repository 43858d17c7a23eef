import { useState } from 'preact/hooks'
import { parseWithLargeNumbers } from '../../../../kernel/json/as-sent.js'
import { CopyButton } from '../../parts/copy.js'
import { JsonView, LongText } from '../../parts/json-view.js'
import type { Fields, Layer, ShownBody } from '../../shapes.js'

interface MessageProps {
  title: string
  line: string
  headers: Fields
  body: ShownBody
  empty: string
  /** Decrypted layers of a sealed body. */
  layers: readonly Layer[]
}

/** One side of an exchange: its first line, headers and body, parsed and raw. */
export function Message({ title, line, headers, body, empty, layers }: MessageProps) {
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
      {body.text === '' ? <p class="muted">{empty}</p> : <Body title={title} body={body} layers={layers} />}
    </section>
  )
}

function Body({ title, body, layers }: { title: string; body: ShownBody; layers: readonly Layer[] }) {
  const views = [...(layers.length > 0 ? ['Layers'] : []), ...(body.parsed === null ? [] : ['Parsed']), 'Raw']
  const [wish, setChosen] = useState<string | undefined>(undefined)
  const chosen = wish ?? views[0]
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
      ) : chosen === 'Layers' ? (
        <Layers title={title} sent={sentOf(body)} layers={layers} />
      ) : (
        <JsonView value={body.parsed} label={`${title} body, parsed`} />
      )}
    </>
  )
}

/** Envelopes within each other, the outermost first. */
function Layers({ title, sent, layers }: { title: string; sent: unknown; layers: readonly Layer[] }) {
  return (
    <ol class="layers">
      <li>
        <h4>As sent</h4>
        <JsonView value={sent} label={`${title} as sent`} />
      </li>
      {layers.map(({ title: name, text, note }) => (
        <li key={name}>
          <h4>{name}</h4>
          {note && <p class="muted wrap">{note}</p>}
          {text !== null && <JsonView value={jsonOr(text)} label={`${title}: ${name}`} />}
        </li>
      ))}
    </ol>
  )
}

function jsonOr(text: string): unknown {
  try {
    JSON.parse(text)
    return parseWithLargeNumbers(text)
  } catch {
    return text
  }
}

/** Summary of a body that is not shown. */
function sentOf({ text }: ShownBody): unknown {
  if (/^\s*\{/.test(text)) return jsonOr(text)
  return /^[\w%.*+-]+=/.test(text) ? Object.fromEntries(new URLSearchParams(text)) : text
}
