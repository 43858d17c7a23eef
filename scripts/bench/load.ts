import autocannon, { type SentRequest } from 'autocannon'
import type { Call } from './calls.js'
import { ask } from './processes.js'

/** Result of a load run. */
export interface Pressed {
  /** Requests a second. */
  rate: number
  p50: number
  p99: number
  slowest: number
  count: number
}

/** Connections and duration of a load run. */
interface Pressure {
  connections: number
  seconds: number
}

/** Resets the sandbox and loads it, so that rows of earlier runs neither slow this one down nor reach the limit of the state. */
export async function pressAfresh(base: string, call: Call, pressure: Pressure): Promise<Pressed> {
  const reset = await ask(`${base}/_sandbox/reset`, { method: 'POST' })
  if (reset?.status !== 204) throw new Error(`${base}/_sandbox/reset: ${reset?.status ?? 'no answer'} ${reset?.text ?? ''}`)
  return press(base, call, pressure)
}

/**
 * Loads a server with one call for some seconds. A call that is refused when repeated ends when its bodies are used up.
 *
 * @throws Error if an answer is not a success, because the figures would compare nothing; it shows the answer to the first request, sent again
 */
export async function press(base: string, call: Call, { connections, seconds }: Pressure): Promise<Pressed> {
  const headers = { 'content-type': call.type, ...call.headers }
  const { bodies, varying } = call
  let next = 0
  const nextRequest = (request: SentRequest): SentRequest => {
    const number = next++
    const body = bodies[number % bodies.length]!
    return varying ? { ...request, body, headers: { ...headers, ...varying(number) } } : { ...request, body }
  }
  const requests: SentRequest[] = bodies.length === 1 && !varying ? [{ body: bodies[0]! }] : [{ setupRequest: nextRequest }]
  const url = base + call.path
  // Each connection prepares one body more than it sends.
  const most = bodies.length - connections
  const extent = call.isRefusedAgain ? { amount: Math.min(most, seconds * 1_000) } : { duration: seconds }
  // A run ends at a sample; with one a second a short run would count its last second whole.
  const result = await autocannon({ url, method: 'POST', connections, ...extent, sampleInt: 50, headers, requests, timeout: 30 })
  if (result.non2xx + result.errors + result.timeouts > 0) {
    next = 0
    const first = nextRequest({})
    const again = await ask(url, { method: 'POST', headers: first.headers ?? headers, body: first.body })
    throw new Error(
      `${url}: ${result.non2xx} refusals, ${result.errors} errors, ${result.timeouts} time-outs. The first request again: ${again?.status ?? 'no answer'} ${again?.text ?? ''}`,
    )
  }
  const { p50, p99, max } = result.latency
  return { rate: result.requests.total / result.duration, p50, p99, slowest: max, count: result.requests.total }
}
