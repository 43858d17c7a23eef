import { Agent, request, type IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'

/** A request as a trial sends it. */
export interface Wanted {
  method?: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
}

/** An answer, read whole. */
export interface Answered {
  status: number
  type: string
  text: string
  /** Id of its traffic entry. */
  request: string | undefined
}

/** A client with one connection that it keeps. */
export interface Client {
  /** Undefined when no whole answer came. */
  ask(wanted: Wanted): Promise<Answered | undefined>
  close(): void
}

/** Options for a client. */
export interface ClientOptions {
  /** Called for answers that began and never ended. */
  onCut?: (() => void) | undefined
  /** Certificate of the authority that it trusts, PEM; it speaks TLS then. */
  authority?: string | undefined
}

/** A client of a sandbox like a game server. */
export function aClient(url: string, { onCut = () => {}, authority }: ClientOptions = {}): Client {
  const kept = { keepAlive: true, maxSockets: 1 }
  const [agent, send] = authority === undefined ? [new Agent(kept), request] : [new TlsAgent({ ...kept, ca: authority }), tlsRequest]
  const { port, hostname } = new URL(url)
  return {
    ask: ({ method = 'POST', path, headers = {}, body }) =>
      new Promise((resolve) => {
        const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
        const sent = send({ agent, port, hostname, method, path, headers: { ...headers, ...length } }, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (part: string) => (text += part))
          response.on('end', () => resolve(response.complete ? answerOf(response, text) : undefined))
          response.on('error', () => resolve(undefined))
          response.on('close', () => {
            if (!response.complete) onCut()
            resolve(undefined)
          })
        })
        sent.on('error', () => resolve(undefined))
        sent.end(body)
      }),
    close: () => agent.destroy(),
  }
}

function answerOf({ statusCode, headers }: IncomingMessage, text: string): Answered {
  const id = headers['x-sandbox-request']
  return { status: statusCode!, type: headers['content-type'] ?? '', text, request: typeof id === 'string' ? id : undefined }
}

/** One control call. @throws Error when it is not answered with success */
export async function control(url: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const reply = await fetch(`${url}/_sandbox/${path}`, {
    method,
    ...(body !== undefined && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch((error: Error) => {
    throw new Error(`${method} ${path}: ${error.cause instanceof Error ? error.cause.message : error.message}`)
  })
  const text = await reply.text()
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

/** All rows of a table, page by page. */
export async function allRows(url: string, table: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  for (let after: string | null = ''; after !== null;) {
    const page = (await control(url, 'GET', `tables/${table}?limit=1000${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`)) as {
      rows: { row: Record<string, unknown> }[]
      next: string | null
    }
    for (const { row } of page.rows) rows.push(row)
    after = page.next
  }
  return rows
}
