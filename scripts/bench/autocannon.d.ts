/** Types of the used part of autocannon, which has none. */
declare module 'autocannon' {
  export interface SentRequest {
    method?: string
    path?: string
    headers?: Record<string, string>
    body?: string
    setupRequest?: (request: SentRequest) => SentRequest
  }
  export interface Options {
    url: string
    connections: number
    duration?: number
    amount?: number
    /** Milliseconds between samples. */
    sampleInt?: number
    method?: string
    headers?: Record<string, string>
    body?: string
    requests?: SentRequest[]
    timeout?: number
  }
  export interface Result {
    requests: { average: number; total: number }
    latency: { p50: number; p99: number; max: number }
    duration: number
    errors: number
    timeouts: number
    non2xx: number
  }
  export default function autocannon(options: Options): Promise<Result>
}
