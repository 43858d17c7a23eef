import type { Body, Head, Outgoing } from '../kernel/incoming.js'
import type { Reply } from '../kernel/reply.js'

/** The head and body of a fetch call that never meets a socket. */
export async function incomingOf(request: Request, bodyLimitBytes: number): Promise<{ head: Head; body: Body }> {
  const url = new URL(request.url)
  const headers: Record<string, string> = {}
  const rawHeaders: string[] = []
  for (const [name, value] of request.headers) {
    headers[name] = value
    rawHeaders.push(name, value)
  }
  const host = headers['host'] ?? url.host
  headers['host'] = host
  const bytes = new Uint8Array(await request.arrayBuffer())
  return {
    head: {
      method: request.method,
      target: url.pathname + url.search,
      host,
      headers,
      rawHeaders,
      httpVersion: '1.1',
      address: '127.0.0.1',
      encrypted: url.protocol === 'https:',
    },
    body: bytes.byteLength > bodyLimitBytes ? { kind: 'too-large' } : { kind: 'whole', bytes },
  }
}

/** An answer as fetch gives it, connection faults included: a drop rejects, a hang waits for the caller's signal. */
export async function responseOf({ reply, effect }: Outgoing, signal: AbortSignal): Promise<Response> {
  switch (effect?.kind) {
    case undefined:
      return plain(reply, reply.body)
    case 'drop':
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) })
    case 'hang':
      return new Promise((_resolve, reject) => {
        if (signal.aborted) reject(signal.reason as Error)
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
    case 'truncate':
      return plain(reply, cutStream(reply, effect.bytes))
    case 'drip':
      return plain(reply, drippingStream(reply, effect.bytesPerSecond))
  }
}

function plain(reply: Reply, body: string | Uint8Array | ReadableStream): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(reply.headers)) for (const one of [value].flat()) headers.append(name, one)
  const hasNoBody = reply.status === 204 || reply.status === 304
  return new Response(hasNoBody ? null : (body as ConstructorParameters<typeof Response>[0]), { status: reply.status, headers })
}

function cutStream(reply: Reply, bytes: number): ReadableStream {
  return new ReadableStream({
    start(controller) {
      if (bytes > 0) controller.enqueue(new Uint8Array(Buffer.from(reply.body).subarray(0, bytes)))
      controller.error(new TypeError('terminated'))
    },
  })
}

function drippingStream(reply: Reply, bytesPerSecond: number): ReadableStream {
  const body = Buffer.from(reply.body)
  const everyMs = 100
  const step = Math.max(1, Math.round((bytesPerSecond * everyMs) / 1000))
  let at = 0
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(everyMs, (step * 1000) / bytesPerSecond)))
      controller.enqueue(new Uint8Array(body.subarray(at, at + step)))
      at += step
      if (at >= body.length) controller.close()
    },
  })
}
