import type { Body, Head, Outgoing } from '../kernel/incoming.js'
import type { Reply } from '../kernel/reply.js'
import { dripPace } from './sockets/wire-effect.js'

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

/** What ends an answer that would not end by itself. */
export interface Endings {
  /** The caller gave up. */
  caller: AbortSignal
  /** The sandbox stops. */
  closing: AbortSignal
}

/** An answer as fetch gives it, connection faults included: a drop rejects, a hang waits for the caller or the end of the sandbox. */
export async function responseOf({ reply, effect }: Outgoing, endings: Endings): Promise<Response> {
  switch (effect?.kind) {
    case undefined:
      return plain(reply, reply.body)
    case 'drop':
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) })
    case 'hang':
      return new Promise((_resolve, reject) => onceEnded(endings, reject))
    case 'truncate':
      return plain(reply, cutStream(reply, effect.bytes))
    case 'drip':
      return plain(reply, drippingStream(reply, effect.bytesPerSecond, endings))
  }
}

/** Calls back when one of the two ends comes; answers the way to stop waiting for it. */
function onceEnded({ caller, closing }: Endings, end: (reason: Error) => void): () => void {
  const both = [caller, closing]
  const ended = both.find((signal) => signal.aborted)
  // An abort reason is whatever was given to abort(); fetch rejects with it as it is.
  if (ended) end(ended.reason as Error)
  const stop = () => both.forEach((signal) => signal.removeEventListener('abort', onAbort))
  const onAbort = (event: Event) => {
    stop()
    end((event.target as AbortSignal).reason as Error)
  }
  if (!ended) both.forEach((signal) => signal.addEventListener('abort', onAbort))
  return stop
}

function plain(reply: Reply, body: string | Uint8Array | ReadableStream): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(reply.headers)) for (const one of [value].flat()) headers.append(name, one)
  const hasNoBody = reply.status === 204 || reply.status === 205 || reply.status === 304
  return new Response(hasNoBody ? null : (body as ConstructorParameters<typeof Response>[0]), { status: reply.status, headers })
}

/** A body that ends too early; one that is cut at its end or later comes whole. */
function cutStream(reply: Reply, bytes: number): ReadableStream {
  const body = Buffer.from(reply.body)
  let isSent = false
  return new ReadableStream({
    pull(controller) {
      if (!isSent && bytes > 0 && body.length > 0) controller.enqueue(new Uint8Array(body.subarray(0, bytes)))
      else if (bytes >= body.length) controller.close()
      else controller.error(new TypeError('terminated', { cause: new Error('other side closed') }))
      isSent = true
    },
  })
}

function drippingStream(reply: Reply, bytesPerSecond: number, endings: Endings): ReadableStream {
  const body = Buffer.from(reply.body)
  const { step, pauseMs } = dripPace(bytesPerSecond)
  let at = 0
  let stopWaiting: (() => void) | undefined
  return new ReadableStream({
    start(controller) {
      stopWaiting = onceEnded(endings, (reason) => controller.error(reason))
    },
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      if (endings.caller.aborted || endings.closing.aborted) return
      controller.enqueue(new Uint8Array(body.subarray(at, at + step)))
      at += step
      if (at < body.length) return
      stopWaiting?.()
      controller.close()
    },
    cancel: () => stopWaiting?.(),
  })
}
