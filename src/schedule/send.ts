import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as secureRequest } from 'node:https'
import { clearTimeout, setTimeout } from '../kernel/timers.js'

/** Result of one attempt: an answer, or the reason why there is none. */
export interface Answer {
  status: number | null
  body?: string
  error?: string
  /** True if no further attempt can succeed, because the URL itself is invalid. */
  isFinal?: boolean
}

/** A request to send; every attempt sends the same bytes. */
export interface OutgoingRequest {
  url: string
  headers: Readonly<Record<string, string>>
  body: string
}

/** Options for an attempt. */
export interface SendOptions {
  userAgent: string
  /** Real milliseconds that an attempt may take, its answer included. */
  timeoutMs: number
  /** Aborts the attempt. */
  signal: AbortSignal
}

/** Bytes of an answer that are read and kept. */
const answerLimit = 64 * 1024

/** Sends one delivery. A redirect is an answer like any other and is not followed. Never rejects. */
export async function sendDelivery(request: OutgoingRequest, { userAgent, timeoutMs, signal }: SendOptions): Promise<Answer> {
  const invalid = invalidUrl(request.url)
  if (invalid) return { status: null, error: invalid, isFinal: true }
  // One controller per attempt: AbortSignal.any would keep every attempt reachable from a signal that lives as long as its workspace.
  const attempt = new AbortController()
  const abort = () => attempt.abort()
  signal.addEventListener('abort', abort, { once: true })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    abort()
  }, timeoutMs).unref()
  const describe = (error: unknown) => (isLate ? `no complete answer within ${timeoutMs / 1000} s` : reasonOf(error))
  try {
    return await post(request, { userAgent, signal: attempt.signal, describe })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

interface PostOptions {
  userAgent: string
  signal: AbortSignal
  /** Returns an error as a sentence. */
  describe: (error: unknown) => string
}

/**
 * Sends with `node:http`, because fetch refuses some ports (6000, 6666, 10080), fails on an unasked 100 Continue and adds `sec-fetch-mode`,
 * and because tests replace the global fetch.
 */
async function post({ url, headers, body }: OutgoingRequest, { userAgent, signal, describe }: PostOptions): Promise<Answer> {
  let status: number | null = null
  try {
    const incoming = await responseTo(url, {
      headers: { 'User-Agent': userAgent, Accept: '*/*', 'Accept-Encoding': 'identity', ...headers },
      body,
      signal,
    })
    status = incoming.statusCode ?? null
    return { status, body: await readStart(incoming) }
  } catch (error) {
    return { status, error: describe(error) }
  }
}

function responseTo(
  url: string,
  { headers, body, signal }: { headers: Readonly<Record<string, string>>; body: string; signal: AbortSignal },
): Promise<IncomingMessage> {
  const send = url.startsWith('https:') ? secureRequest : plainRequest
  return new Promise((resolve, reject) => {
    const length = String(Buffer.byteLength(body))
    const outgoing = send(url, { method: 'POST', headers: { ...headers, 'Content-Length': length }, agent: false, signal }, resolve)
    outgoing.on('error', reject)
    // A receiver that switches protocols leaves a request without error and without reply.
    outgoing.on('close', () => reject(new Error('the receiver closed the connection before a reply came')))
    outgoing.end(body)
  })
}

/** Returns the reason why nothing can be sent to a URL, or undefined. */
function invalidUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url) return `"${text}" is not a URL`
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `only http and https are supported, not ${url.protocol}`
  if (url.username !== '' || url.password !== '') return 'a URL with a user name or password is not supported'
  return undefined
}

async function readStart(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).byteLength
    // Leaving the loop closes the connection.
    if (size >= answerLimit) break
  }
  return Buffer.concat(chunks).subarray(0, answerLimit).toString('utf8')
}

/** Returns the message of an error, or its code if it has none. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Several addresses were tried; the first failure stands for all.
  const first = error instanceof AggregateError ? (error.errors[0] as Error | undefined) : undefined
  return (first ?? error).message || ((error as NodeJS.ErrnoException).code ?? error.name)
}
