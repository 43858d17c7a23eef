import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as secureRequest } from 'node:https'
import { Readable } from 'node:stream'

/** A request as the control client makes it. */
export interface NodeRequest {
  method?: string | undefined
  headers?: Readonly<Record<string, string>> | undefined
  body?: string | Uint8Array | undefined
  signal?: AbortSignal | undefined
}

/**
 * Sends a request over `node:http` or `node:https`. It is used instead of fetch because fetch refuses some ports (6000, 6666, 10080), does
 * not take an unasked 100 Continue, and in Node 20 never settles when the other side closes the connection at once.
 */
export function nodeFetch(url: string, { method = 'GET', headers = {}, body, signal }: NodeRequest = {}): Promise<Response> {
  const send = url.startsWith('https:') ? secureRequest : plainRequest
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
    const options = { method, headers: { ...headers, ...length }, agent: false as const, ...(signal && { signal }) }
    const outgoing = send(url, options, (incoming) => {
      try {
        resolve(responseOf(incoming))
      } catch (error) {
        // A status such as 999 has no Response.
        incoming.destroy()
        reject(error)
      }
    })
    outgoing.on('error', reject)
    outgoing.on('close', () => reject(new Error('the connection was closed before a reply came')))
    outgoing.end(body)
  })
}

function responseOf(incoming: IncomingMessage): Response {
  const status = incoming.statusCode ?? 502
  const headers = new Headers()
  for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) headers.append(incoming.rawHeaders[at]!, incoming.rawHeaders[at + 1]!)
  const init = { status, statusText: incoming.statusMessage ?? '', headers }
  if (status === 204 || status === 205 || status === 304) {
    incoming.resume()
    return new Response(null, init)
  }
  return new Response(Readable.toWeb(incoming) as ReadableStream<Uint8Array>, init)
}
