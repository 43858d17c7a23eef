import type { Operation } from './operations.js'

/** A request made from the examples of an operation. */
export interface ExampleRequest {
  method: string
  /** Path and query; a parameter of the path without an example stays in braces. */
  target: string
  headers: readonly (readonly [name: string, value: string])[]
  body: string | undefined
}

/** The request that a document shows for a call: it works against the default seed unless the call needs something first. */
export function exampleRequest(method: string, path: string, { parameters = [], requestBody }: Operation): ExampleRequest {
  const given = (place: string) =>
    parameters.flatMap((one): [string, string][] => (one.in === place && one.example !== undefined ? [[one.name, one.example]] : []))
  const values = new Map(given('path'))
  const filled = path.replaceAll(/\{(\w+)\}/g, (all, name: string) =>
    encodeURIComponent(values.get(name) ?? all).replaceAll(/%7B|%7D/g, brace),
  )
  const query = new URLSearchParams(given('query')).toString()
  const [type, media] = Object.entries(requestBody?.content ?? {}).find(([, { example }]) => example !== undefined) ?? []
  return {
    method,
    target: query === '' ? filled : `${filled}?${query}`,
    headers: [...given('header'), ...(type === undefined ? [] : [['Content-Type', type] as const])],
    body: type === undefined ? undefined : bodyText(type, media?.example),
  }
}

/** A line that works when pasted into a shell, once `COINSLOT_URL` says where the sandbox is. */
export function curlLine({ method, target, headers, body }: ExampleRequest): string {
  const verb = method === 'GET' ? '' : ` -X ${method}`
  const parts = [
    `curl${verb} "$COINSLOT_URL"${quoted(target)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${quoted(body)}`]),
  ]
  return parts.join(' \\\n  ')
}

function brace(escape: string): string {
  return escape === '%7B' ? '{' : '}'
}

/** An example of a form is an object of texts. */
function bodyText(type: string, example: unknown): string {
  if (typeof example === 'string') return example
  if (type !== 'application/x-www-form-urlencoded') return JSON.stringify(example)
  return new URLSearchParams(example as Record<string, string>).toString()
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
