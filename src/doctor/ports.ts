import { createServer } from 'node:net'
import type { Config } from '../sandbox/config.js'
import { portRefusal } from '../sandbox/port-errors.js'
import { documentedPorts } from '../sandbox/roster.js'
import { fine, wrong, type Check } from './check.js'
import { findRunning, type Running } from '../sandbox/running.js'

/** Checks that the sandbox answers, or that its port is free. */
export async function checkMainPort(config: Config, running: Running | undefined, isUrlGiven: boolean): Promise<Check> {
  if (running) return fine('port', `coinslot ${running.version} answers at ${running.url}`)
  if (isUrlGiven) return wrong('port', 'no sandbox answers at --url', 'Start one with "coinslot", or name another with --url.')
  const refusal = await refusalOf(config.host, config.port)
  if (refusal === undefined) return fine('port', `${config.host}:${config.port} is free; no sandbox runs`)
  return wrong('port', `${config.host}:${config.port} cannot be opened`, `${refusal} Or pass another --port, 0 for any.`)
}

/** Checks that the documented ports are open, or could be, if the settings use them. */
export function checkNativePorts(config: Config, vendors: readonly { ports: readonly number[] }[]): Promise<Check[]> {
  if (!config.nativePorts) return Promise.resolve([])
  return Promise.all(documentedPorts(vendors).map((port) => checkNativePort(config, port)))
}

async function checkNativePort(config: Config, port: number): Promise<Check> {
  const name = `port ${port}`
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host
  const open = await findRunning(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, config)
  if (open) return fine(name, `coinslot ${open.version} answers`)
  const refusal = await refusalOf(config.host, port)
  return refusal === undefined ? fine(name, 'free') : wrong(name, 'cannot be opened', refusal)
}

/** Returns the reason why a port cannot be opened, undefined if it can. */
function refusalOf(host: string, port: number): Promise<string | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(portRefusal(error, host, port)))
    server.listen({ host, port }, () => server.close(() => resolve(undefined)))
  })
}
