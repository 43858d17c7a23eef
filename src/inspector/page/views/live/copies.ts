import { writeAsSent } from '../../../../kernel/json/as-sent.js'
import { ask } from '../../control.js'
import type { Entry } from '../../shapes.js'

/** A form in which a request is copied. */
interface CopyFormat {
  name: string
  make: (entry: Entry) => string | Promise<string>
  /** Returns why the request has no such form; undefined if it has one. */
  missing?: (entry: Entry) => string | undefined
}

/** Forms in which a request is copied. */
export const copyFormats: readonly CopyFormat[] = [
  { name: 'link', make: () => window.location.href },
  { name: 'curl', make: curlOf },
  { name: 'PowerShell', make: powerShellOf },
  { name: 'fetch', make: fetchOf },
  { name: 'HTTP', make: httpOf, missing: ({ body }) => (body.encoding === 'base64' ? 'the body is not text' : undefined) },
  { name: 'HAR entry', make: harOf, missing: ({ copiedAt }) => (copiedAt === undefined ? undefined : 'the request is no longer kept') },
  { name: 'verify (test code)', make: (entry) => `await sandbox.verify(${expectationOf(entry)})` },
  { name: 'verify (coinslot verify)', make: expectationOf },
  { name: 'seed rows', make: seedOf, missing: (entry) => (seedRowsOf(entry).length === 0 ? 'the request wrote no rows' : undefined) },
  { name: 'fixture', make: fixtureOf },
]

/** A line that sends the same request to this sandbox again, ready for a POSIX shell. */
export function curlOf(entry: Entry): string {
  const { method, body } = entry
  const options = [
    '-i',
    ...(method === 'GET' || (method === 'POST' && body.text !== '') ? [] : [`-X ${method}`]),
    quoted(targetOf(entry)),
    // A colon alone would take the header away; a semicolon sends it empty.
    ...headersOf(entry).map(([name, value]) => `-H ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`),
  ]
  if (body.text === '') return `curl ${options.join(' ')}`
  if (body.encoding !== 'base64') return `curl ${options.join(' ')} --data-raw ${quoted(body.text)}`
  return `printf %s ${quoted(body.text)} | base64 -d | curl ${options.join(' ')} --data-binary @-`
}

/** Quotes a string as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function powerShellOf(entry: Entry): string {
  const { method, body } = entry
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`
  const headers = headersOf(entry).filter(([name]) => name !== 'content-type')
  const type = headersOf(entry).find(([name]) => name === 'content-type')
  return [
    `Invoke-WebRequest ${text(targetOf(entry))} -Method ${method} -SkipHttpErrorCheck`,
    ...(headers.length > 0 ? [`-Headers @{ ${headers.map(([name, value]) => `${text(name)} = ${text(value)}`).join('; ')} }`] : []),
    ...(type ? [`-ContentType ${text(type[1])}`] : []),
    ...(body.text === ''
      ? []
      : [`-Body ${body.encoding === 'base64' ? `([Convert]::FromBase64String(${text(body.text)}))` : text(body.text)}`]),
  ].join(' `\n  ')
}

function fetchOf(entry: Entry): string {
  const { method, body } = entry
  const content = body.encoding === 'base64' ? `Buffer.from(${JSON.stringify(body.text)}, 'base64')` : JSON.stringify(body.text)
  return [
    `await fetch(${JSON.stringify(targetOf(entry))}, {`,
    `  method: ${JSON.stringify(method)},`,
    `  headers: ${JSON.stringify(Object.fromEntries(headersOf(entry)))},`,
    ...(body.text === '' ? [] : [`  body: ${content},`]),
    '})',
  ].join('\n')
}

/** The bytes of the request as text, ready for `nc` or `openssl s_client`. */
function httpOf(entry: Entry): string {
  const { method, body } = entry
  const headers = headersOf(entry)
  const host = headers.find(([name]) => name === 'host')?.[1] ?? window.location.host
  const lines = [
    `${method} ${urlOf(entry)} HTTP/1.1`,
    `host: ${host}`,
    ...headers.filter(([name]) => name !== 'host').map((pair) => pair.join(': ')),
    // Without a length the server waits for no body, and without `close` the client waits for more after the reply.
    ...(body.text === '' && method === 'GET' ? [] : [`content-length: ${new TextEncoder().encode(body.text).length}`]),
    'connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body.text}`
}

async function harOf({ id }: Entry): Promise<string> {
  const { log } = await ask<{ log: { entries: unknown[] } }>('GET', `traffic.har?q=${encodeURIComponent(`id:${id}`)}`)
  return JSON.stringify(log.entries[0], null, 2)
}

/** An expectation that this request meets, as `coinslot verify` and `sandbox.verify` take it. */
function expectationOf({ vendor, method, path, outcome, body }: Entry): string {
  const isObject = typeof body.parsed === 'object' && body.parsed !== null && !Array.isArray(body.parsed)
  const wish = { ...(vendor !== null && { vendor }), method, path, outcome, ...(isObject && { body: body.parsed }), times: 1 }
  return writeAsSent(wish, 2)
}

/** The rows that it wrote, as a seed document. */
async function seedOf(entry: Entry): Promise<string> {
  const seed: Record<string, Record<string, unknown[]>> = {}
  for (const { table, key } of seedRowsOf(entry)) {
    const [vendor = '', name = ''] = table.split('.')
    const { row } = await ask<{ row: unknown }>('GET', `tables/${vendor}/${name}/${encodeURIComponent(key)}`)
    const tables = (seed[vendor] ??= {})
    tables[name] = [...(tables[name] ?? []), row]
  }
  return JSON.stringify(seed, null, 2)
}

/** Rows of vendors that it wrote and that can be seeded. */
function seedRowsOf({ rows }: Entry): Entry['rows'] {
  return rows.filter(({ table, change }) => !table.startsWith('sandbox.') && change !== 'removed')
}

/** Request and reply in the form of the files in `fixtures`. */
function fixtureOf(entry: Entry): string {
  const { method, route, path, query, body, status, replyHeaders, replyBody } = entry
  const search = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))).toString()
  const type = replyHeaders['content-type']
  return writeAsSent(
    {
      source: `recorded as ${entry.id}`,
      route: `${method} ${route ?? path}`,
      request: {
        method,
        path: `${path}${search && `?${search}`}`,
        headers: Object.fromEntries(headersOf(entry)),
        ...(body.text !== '' && { body: body.text }),
      },
      reply: { status, headers: type === undefined ? {} : { 'Content-Type': type }, body: replyBody.parsed ?? replyBody.text },
    },
    2,
  )
}

function targetOf(entry: Entry): string {
  const url = urlOf(entry)
  return url.startsWith('/') ? window.location.origin + url : url
}

/** The URL as sent, without the name of the workspace that a session was saved from. */
function urlOf({ url, workspace }: Entry): string {
  return workspace === 'default' || url.startsWith(`/@${workspace}/`) ? url : url.replace(/^\/@[^/?]*/, '')
}

/** Headers as sent, without those that a client adds on its own. */
function headersOf({ headers, url, workspace }: Entry): [string, string][] {
  const sent = Object.entries(headers).filter(
    ([name, value]) =>
      !ofTheClient.test(name) &&
      !(name === 'host' && value === window.location.host) &&
      !(name === 'x-sandbox-workspace' && workspace !== 'default'),
  )
  const isNamed = workspace === 'default' || url.startsWith(`/@${workspace}/`)
  return [
    ...sent.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
    ...(isNamed ? [] : [['x-sandbox-workspace', workspace] as [string, string]]),
  ]
}

const ofTheClient = /^(content-length|connection|transfer-encoding|accept-encoding|accept-language|sec-.*)$/
