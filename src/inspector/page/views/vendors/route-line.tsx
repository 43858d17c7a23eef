import { useState } from 'preact/hooks'
import { refreshAll, useDeed } from '../../asked.js'
import { ask, controlBase } from '../../control.js'
import { CopyBlock } from '../../parts/copy.js'
import { Badge } from '../../parts/marks.js'
import { RefusalNote, Waiting } from '../../parts/notes.js'
import { exampleBody, exampleOf, useOperation, type Operation } from '../../openapi.js'
import { goTo, linkTo } from '../../place.js'
import type { Entry, Vendor } from '../../shapes.js'
import { quoted } from '../live/curl.js'

/** One call with its summary, evidence, differences and a request to try. */
export function RouteLine({ vendor, route }: { vendor: Vendor; route: Vendor['routes'][number] }) {
  const { method, path, summary, evidence } = route
  const [isOpen, setOpen] = useState(false)
  return (
    <li class="line line-column">
      <div class="bar">
        <span class="grow wrap">
          <b>{method}</b> {path} <span class="muted">{summary}</span>
        </span>
        <Badge text={evidence.level} kind={evidence.level} />
        <button
          type="button"
          class="outline secondary small"
          aria-expanded={isOpen ? 'true' : 'false'}
          aria-label={`${isOpen ? 'Less' : 'More'} of ${method} ${path}`}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Less' : 'More'}
        </button>
      </div>
      {isOpen && (
        <>
          <p>
            Known from: {evidence.source}
            {evidence.gaps.length === 0 && '. No gap is known.'}
          </p>
          {evidence.gaps.length > 0 && (
            <ul aria-label="Known gaps">
              {evidence.gaps.map((gap) => (
                <li key={gap}>{gap}</li>
              ))}
            </ul>
          )}
          <Try vendor={vendor} route={route} />
        </>
      )}
    </li>
  )
}

function Try({ vendor, route }: { vendor: Vendor; route: Vendor['routes'][number] }) {
  const operation = useOperation(vendor.id, route.method, route.path)
  const deed = useDeed(async () => {
    if (!operation) return
    const { method, target, headers, body } = requestOf(vendor, route, operation)
    const { id } = await ask<Entry>('POST', 'traffic/replay', { method, url: target, headers, ...(body !== undefined && { body }) })
    refreshAll()
    goTo(linkTo('live', [id]))
  })
  if (!operation) return <Waiting />
  return (
    <>
      {operation['x-needs'] !== undefined && <p>{operation['x-needs']}</p>}
      <CopyBlock label={`curl for ${route.method} ${route.path}`} text={curlLine(requestOf(vendor, route, operation))} />
      <button type="button" class="outline small" aria-busy={deed.isBusy ? 'true' : undefined} onClick={deed.run}>
        Send it
      </button>
      <RefusalNote refusal={deed.refusal} />
    </>
  )
}

interface ExampleRequest {
  method: string
  target: string
  headers: [string, string][]
  body: string | undefined
}

/** A request as the documents have it: their example, and for what they only name a placeholder. */
function requestOf({ id }: Vendor, { method, path }: Vendor['routes'][number], operation: Operation): ExampleRequest {
  const parameters = operation.parameters ?? []
  const body = exampleBody(operation)
  const valueOf = (one: Parameter) => one.example ?? String(exampleOf(one.schema))
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(exampleParameter(parameters, name)))
  const wanted = parameters.filter(({ required, example }) => required || example !== undefined)
  const query = new URLSearchParams(wanted.flatMap((one) => (one.in === 'query' ? [[one.name, valueOf(one)]] : []))).toString()
  const headers = wanted.flatMap((one): [string, string][] => (one.in === 'header' ? [[one.name, headerText(valueOf(one))]] : []))
  return {
    method,
    target: `/${id}${filled}${query && `?${query}`}`,
    headers: body ? [...headers, ['Content-Type', body.mediaType]] : headers,
    body: body?.text,
  }
}

type Parameter = NonNullable<Operation['parameters']>[number]

function exampleParameter(parameters: readonly Parameter[], name: string): string {
  const found = parameters.find((one) => one.in === 'path' && one.name === name)
  const value = found?.example ?? String(exampleOf(found?.schema ?? {}))
  return value === '…' ? name : value
}

/** Header values are ASCII; the placeholder of strings is not. */
function headerText(text: string): string {
  return text === '…' ? 'value' : text
}

function curlLine({ method, target, headers, body }: ExampleRequest): string {
  const base = window.location.origin + controlBase().replace(/\/_sandbox\/$/, '')
  const words = [
    'curl -i',
    ...(method === 'GET' || (method === 'POST' && body !== undefined) ? [] : [`-X ${method}`]),
    quoted(base + target),
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${quoted(body)}`]),
  ]
  return words.join(' ')
}
