import autocannon, { type SentRequest } from 'autocannon'
import type { Call } from './calls.js'

/** Result of a load run. */
export interface Pressed {
  /** Requests a second. */
  rate: number
  p50: number
  p99: number
  slowest: number
  count: number
}

/** Presses one call on a server for some seconds. @throws Error when an answer is not a success, as such figures would compare nothing */
export async function press(
  base: string,
  call: Call,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Pressed> {
  const headers = { 'content-type': call.type, ...call.headers }
  const { bodies, varying } = call
  let next = 0
  const nextRequest = (request: SentRequest): SentRequest => {
    const number = next++
    const body = bodies[number % bodies.length]!
    return varying ? { ...request, body, headers: { ...headers, ...varying(number) } } : { ...request, body }
  }
  const requests: SentRequest[] = bodies.length === 1 && !varying ? [{ body: bodies[0]! }] : [{ setupRequest: nextRequest }]
  const result = await autocannon({ url: base + call.path, method: 'POST', connections, duration: seconds, headers, requests, timeout: 30 })
  if (result.non2xx + result.errors + result.timeouts > 0)
    throw new Error(`${base}${call.path}: ${result.non2xx} refusals, ${result.errors} errors, ${result.timeouts} time-outs`)
  const { p50, p99, max } = result.latency
  return { rate: result.requests.total / result.duration, p50, p99, slowest: max, count: result.requests.total }
}

/** The middle of several figures. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
