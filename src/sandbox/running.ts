import { get as getPlain, type IncomingHttpHeaders } from 'node:http'
import { get as getSecure } from 'node:https'
import type { Config } from './config.js'
import { realTime } from '../kernel/clock.js'

/** The sandbox that answers at an address. */
export interface Running {
  url: string
  version: string
  /** Milliseconds by which the clock of its machine is ahead of this one, exact to the second. */
  aheadMs: number
  /** The certificate of its authority, PEM, undefined if it does not serve it. */
  certificate: string | undefined
}

/** Returns the sandbox at an address, undefined if none answers in time. */
export async function findRunning(url: string, { controlToken }: Pick<Config, 'controlToken'>): Promise<Running | undefined> {
  const headers: Record<string, string> = controlToken === undefined ? {} : { Authorization: `Bearer ${controlToken}` }
  try {
    const health = await ask(`${url}/_sandbox/health`, headers)
    const version = versionIn(health.text)
    if (version === undefined) return undefined
    const date = Date.parse(health.headers.date ?? '')
    const authority = await ask(`${url}/_sandbox/ca.pem`, headers)
    return {
      url,
      version,
      aheadMs: Number.isNaN(date) ? 0 : date - realTime(),
      certificate: authority.status === 200 ? authority.text : undefined,
    }
  } catch {
    return undefined
  }
}

/** Returns the version of the sandbox that listens at an address, undefined if it is another program or none answers in time. */
export async function versionAt(url: string): Promise<string | undefined> {
  return ask(`${url}/_sandbox/health`, {}).then(
    ({ text }) => versionIn(text),
    () => undefined,
  )
}

function versionIn(health: string): string | undefined {
  try {
    const { version, vendors } = JSON.parse(health) as { version?: string; vendors?: unknown }
    return Array.isArray(vendors) ? version : undefined
  } catch {
    return undefined
  }
}

/** Sends a request, not with fetch: that of Node 20 never settles if the other side closes the connection at once, as a foreign program on the port may. */
function ask(url: string, headers: Record<string, string>): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  const get = url.startsWith('https:') ? getSecure : getPlain
  return new Promise((resolve, reject) => {
    // Trust has a separate check; this one only finds out which program answers.
    const request = get(url, { headers, agent: false, timeout: patienceMs, rejectUnauthorized: false }, (reply) => {
      let text = ''
      reply.setEncoding('utf8')
      reply.on('data', (chunk: string) => (text += chunk))
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text }))
      reply.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    request.on('error', reject)
  })
}

const patienceMs = 3_000
