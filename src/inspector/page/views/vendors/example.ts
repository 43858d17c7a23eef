import { ask, controlBase } from '../../control.js'
import { exampleBody, exampleOf, type Operation } from '../../openapi.js'
import type { Entry, Vendor } from '../../shapes.js'
import { quoted } from '../live/copies.js'

/** A request that can be sent as it stands. */
export interface ExampleRequest {
  method: string
  target: string
  headers: [string, string][]
  body: string | undefined
}

/** A request as the documents have it: their example, and for what they only name a placeholder. */
export function requestOf({ id }: Vendor, { method, path }: Vendor['routes'][number], operation: Operation): ExampleRequest {
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

/** A line for a POSIX shell that sends it. */
export function curlLine({ method, target, headers, body }: ExampleRequest): string {
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

/** Sends a request and resolves to the id of its entry. */
export async function sendExample({ method, target, headers, body }: ExampleRequest): Promise<string> {
  const wish = { method, url: target, headers, ...(body !== undefined && { body }) }
  return (await ask<Entry>('POST', 'traffic/replay', wish)).id
}

/** Sends a purchase that the vendor accepts with the default seed, and resolves to the id of its entry. */
export async function sendPurchase({ id }: Vendor): Promise<string> {
  const { method, path, headers, body } = await ask<Purchase>('POST', `vendors/${id}/purchase`)
  return sendExample({ method, target: `/${id}${path}`, headers: Object.entries(headers), body })
}

interface Purchase {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
}
