import type { Config } from '../config.js'
import { realTime } from '../kernel/clock.js'

/** The sandbox that answers at an address. */
export interface Running {
  url: string
  version: string
  /** How far its machine's clock is ahead of this one's, in milliseconds, to the second. */
  aheadMs: number
  /** The certificate of its authority, PEM, unless it keeps it to itself. */
  certificate: string | undefined
}

/** Asks at an address; undefined when no sandbox answers there in time. */
export async function findRunning(url: string, { controlToken }: Pick<Config, 'controlToken'>): Promise<Running | undefined> {
  const headers: Record<string, string> = controlToken === undefined ? {} : { Authorization: `Bearer ${controlToken}` }
  const ask = (path: string) => fetch(`${url}/_sandbox/${path}`, { headers, signal: AbortSignal.timeout(patienceMs) })
  try {
    const health = await ask('health')
    const { version, vendors } = (await health.json()) as { version?: string; vendors?: unknown }
    if (version === undefined || !Array.isArray(vendors)) return undefined
    const told = Date.parse(health.headers.get('date') ?? '')
    const authority = await ask('ca.pem')
    return {
      url,
      version,
      aheadMs: Number.isNaN(told) ? 0 : told - realTime(),
      certificate: authority.ok ? await authority.text() : undefined,
    }
  } catch {
    return undefined
  }
}

const patienceMs = 3_000
