import { lookup } from 'node:dns/promises'
import { interfaceAddresses } from '../kernel/addresses.js'
import { fine, wrong, type Check } from './check.js'
import { setTimeout } from '../kernel/timers.js'

/** Resolves a name to its addresses with the resolver of the system. Rejects if the name has none. */
export type Lookup = (name: string) => Promise<string[]>

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
