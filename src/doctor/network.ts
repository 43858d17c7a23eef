import { createServer } from 'node:net'
import type { Config } from '../sandbox/config.js'
import { portRefusal } from '../sandbox/port-errors.js'
import { documentedPorts } from '../sandbox/roster.js'
import { fine, wrong, type Check } from './check.js'
import { findRunning, type Running } from '../sandbox/running.js'
import { lookup } from 'node:dns/promises'
import { interfaceAddresses } from '../kernel/addresses.js'
import { setTimeout } from '../kernel/timers.js'

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

/** Resolves a name to its addresses with the resolver of the system. Rejects if the name has none. */
type Lookup = (name: string) => Promise<string[]>

/** Checks that the vendors' own names lead to the sandbox, one check per vendor. */
export async function checkNames(
  vendors: readonly { id: string; hosts: readonly string[] }[],
  sandboxHost: string,
  find: Lookup = systemLookup,
): Promise<Check[]> {
  const own = await find(sandboxHost).catch(() => [])
  const expected = new Set([...own, ...interfaceAddresses()])
  const leadsHere = (address: string) => expected.has(address) || address.startsWith('127.') || address === '::1'
  return Promise.all(
    vendors.map(async ({ id, hosts }) => {
      const strays = (await Promise.all(hosts.map((host) => strayOf(host, leadsHere, find)))).filter((stray) => stray !== undefined)
      if (strays.length === 0) return fine(`names ${id}`, `${hosts.join(', ')} ${hosts.length === 1 ? 'leads' : 'lead'} here`)
      return wrong(`names ${id}`, strays.join('; '), advice)
    }),
  )
}

const advice =
  'Add the lines of "coinslot hosts" to the hosts file, or ask the responder of --dns-port. Clients that can be given an address need neither: /<vendor> below the address of the sandbox.'

async function strayOf(host: string, leadsHere: (address: string) => boolean, find: Lookup): Promise<string | undefined> {
  try {
    const addresses = await find(host)
    const stray = addresses.find((address) => !leadsHere(address))
    return stray === undefined ? undefined : `${host} leads to ${stray}, not to the sandbox`
  } catch (error) {
    return `${host} leads nowhere (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`
  }
}

async function systemLookup(name: string): Promise<string[]> {
  const bare = name.replace(/^\[|\]$/g, '')
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error('no answer in time')), patienceMs).unref()
  })
  const found = await Promise.race([lookup(bare, { all: true }), late])
  return found.map(({ address }) => address)
}

const patienceMs = 4_000
