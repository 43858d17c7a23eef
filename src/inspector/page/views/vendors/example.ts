import { ask, controlBase } from '../../control.js'
import { exampleBody, exampleOf, type Operation } from '../../openapi.js'
import type { Entry, Vendor } from '../../shapes.js'
import type { ApiDocument } from '../../../../openapi/documents.js'
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

/** Sends a purchase that the vendor accepts with the default seed, and resolves to the id of its entry: with a new receipt, if it takes one. */
export async function sendPurchase(vendor: Vendor): Promise<string> {
  return sendExample((await purchaseWithReceipt(vendor)) ?? (await documentedPurchase(vendor)))
}

async function purchaseWithReceipt({ id }: Vendor): Promise<ExampleRequest | undefined> {
  const { forms } = await ask<{ forms: { store: string; ordinary: Record<string, unknown> }[] }>('GET', 'receipts')
  for (const { store, ordinary: members } of forms) {
    const receipt = await ask<Record<string, unknown>>('POST', `receipts/${store}`, members)
    const { requests } = await ask<{ requests: Presented[] }>('POST', 'receipts/requests', { store, members, receipt })
    const own = requests.find(({ vendor }) => vendor === id)
    if (own) return { method: 'POST', target: `/${id}${own.path}`, headers: Object.entries(own.headers), body: own.body }
  }
  return undefined
}

interface Presented {
  vendor: string
  path: string
  headers: Record<string, string>
  body: string
}

async function documentedPurchase(vendor: Vendor): Promise<ExampleRequest> {
  const { paths } = await ask<ApiDocument>('GET', `openapi/${vendor.id}.json`)
  const posts = vendor.routes.filter(({ method }) => method === 'POST')
  const route = posts.find(({ path }) => /purchase|order|payment/i.test(path)) ?? posts[0] ?? vendor.routes[0]!
  return requestOf(vendor, route, paths[route.path]![route.method.toLowerCase()]!)
}
