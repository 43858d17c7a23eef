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

async function post({ url, headers, body }: OutgoingRequest, { userAgent, signal, describe }: PostOptions): Promise<Answer> {
  let status: number | null = null
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'User-Agent': userAgent, 'Accept-Encoding': 'identity', ...headers },
      body,
      redirect: 'manual',
      signal,
    })
    status = response.status
    return { status, body: await readStart(response) }
  } catch (error) {
    return { status, error: describe(error) }
  }
}

/** Returns the reason why nothing can be sent to a URL, or undefined. */
function invalidUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url) return `"${text}" is not a URL`
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `only http and https are supported, not ${url.protocol}`
  if (url.username !== '' || url.password !== '') return 'a URL with a user name or password is not supported'
  return undefined
}

async function readStart(response: Response): Promise<string> {
  if (!response.body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    chunks.push(chunk as Uint8Array)
    size += (chunk as Uint8Array).byteLength
    // Leaving the loop cancels the rest of the body.
    if (size >= answerLimit) break
  }
  return Buffer.concat(chunks).subarray(0, answerLimit).toString('utf8')
}

/** The message of fetch is always "fetch failed"; its cause names the reason. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  // Several addresses were tried; the first failure stands for all.
  const first = cause instanceof AggregateError ? (cause.errors[0] as Error | undefined) : undefined
  return (first ?? cause).message || ((cause as NodeJS.ErrnoException).code ?? cause.name)
}
