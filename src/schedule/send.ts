/** What one attempt brought: an answer, or why there is none. */
export interface Answered {
  status: number | null
  body?: string
  error?: string
  /** No other attempt can do better: the target itself is wrong. */
  hopeless?: boolean
}

/** What is sent, the same bytes at each attempt. */
export interface Sending {
  url: string
  headers: Readonly<Record<string, string>>
  body: string
}

/** How an attempt is made. */
export interface SendOptions {
  userAgent: string
  /** Real milliseconds that an attempt may take, its answer included. */
  timeoutMs: number
  /** Ends the attempt when nobody wants it any more. */
  signal: AbortSignal
}

/** Most of an answer that is read and kept, in bytes. */
const answerLimit = 64 * 1024

/** Sends one delivery. Redirects are answers like any other; nothing is followed. Never rejects. */
export async function sendDelivery(sending: Sending, { userAgent, timeoutMs, signal }: SendOptions): Promise<Answered> {
  const wrong = wrongTarget(sending.url)
  if (wrong) return { status: null, error: wrong, hopeless: true }
  // One controller an attempt: joined signals would pile up on one that lives as long as its workspace.
  const attempt = new AbortController()
  const end = () => attempt.abort()
  signal.addEventListener('abort', end, { once: true })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    end()
  }, timeoutMs).unref()
  const why = (error: unknown) => (isLate ? `no whole answer within ${timeoutMs / 1000} s` : reasonOf(error))
  try {
    return await exchange(sending, { userAgent, signal: attempt.signal, why })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

interface Exchanging {
  userAgent: string
  signal: AbortSignal
  /** An error in words. */
  why: (error: unknown) => string
}

async function exchange({ url, headers, body }: Sending, { userAgent, signal, why }: Exchanging): Promise<Answered> {
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
    return { status, error: why(error) }
  }
}

/** Why nothing can be sent there, if so. */
function wrongTarget(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url) return `"${text}" is not a URL`
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `only http and https are sent to, not ${url.protocol}`
  if (url.username !== '' || url.password !== '') return 'a URL with a user name or password is not sent to'
  return undefined
}

async function readStart(response: Response): Promise<string> {
  if (!response.body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    chunks.push(chunk as Uint8Array)
    size += (chunk as Uint8Array).byteLength
    // Leaving the loop cancels what is still to come.
    if (size >= answerLimit) break
  }
  return Buffer.concat(chunks).subarray(0, answerLimit).toString('utf8')
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  // Several addresses were tried; the first refusal stands for all.
  const first = cause instanceof AggregateError ? (cause.errors[0] as Error | undefined) : undefined
  return (first ?? cause).message || ((cause as NodeJS.ErrnoException).code ?? cause.name)
}
