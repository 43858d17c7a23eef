import { BlockList, isIP } from 'node:net'
import { isDnsName } from '../kernel/host.js'
import { InvalidInput } from '../kernel/problem.js'
import type { NameSubtrees } from '../pki/name-constraints.js'

/** Names that an authority may speak for: DNS names, each with all names below it, and address ranges in CIDR form. */
export type PermittedNames = Required<NameSubtrees>

/** Names and addresses that every authority may certify, because they never lead out of the machine or its network. */
const alwaysPermitted: PermittedNames = {
  dns: ['localhost'],
  ip: ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '::1/128', 'fc00::/7', 'fe80::/10'],
}

/**
 * The names of an authority: local ones, those of vendors, and further names or addresses of the user's own.
 *
 * @throws Problem if one of them is not a host name
 */
export function permittedNames(vendorHosts: readonly string[], further: readonly string[]): PermittedNames {
  const own = further.map(plainName)
  const wrong = own.find((name) => isIP(name) === 0 && !isDnsName(name))
  if (wrong !== undefined) {
    throw new InvalidInput({
      type: 'tls-name',
      title: 'No name for a certificate.',
      detail: `--tls-name ${wrong} is neither a host name nor an IP address.`,
    })
  }
  return {
    dns: unique([...alwaysPermitted.dns, ...vendorHosts.map(plainName), ...own.filter((name) => isIP(name) === 0)]),
    ip: unique([...alwaysPermitted.ip, ...own.filter((name) => isIP(name) > 0).map(rangeOfOne)]),
  }
}

/** True if the authority may certify this name or address. */
export function permits({ dns, ip }: PermittedNames, name: string): boolean {
  const version = isIP(name)
  if (version === 0) return dns.some((zone) => name === zone || name.endsWith(`.${zone}`))
  const ranges = new BlockList()
  for (const range of ip) addRange(ranges, range)
  return ranges.check(name, version === 6 ? 'ipv6' : 'ipv4')
}

/** The names of `needed` that `permitted` leaves out. */
export function namesOutside(permitted: PermittedNames, needed: PermittedNames): string[] {
  const isKnown = (range: string) => permitted.ip.includes(range) || (isSingle(range) && permits(permitted, addressOf(range)))
  return [...needed.dns.filter((zone) => !permits(permitted, zone)), ...needed.ip.filter((range) => !isKnown(range))]
}

/** Both together. */
export function joined(one: PermittedNames, other: PermittedNames): PermittedNames {
  return { dns: unique([...one.dns, ...other.dns]), ip: unique([...one.ip, ...other.ip]) }
}

/** A name as it is compared: lower case, without the root's dot, without `*.` and without the brackets of an address. */
export function plainName(name: string): string {
  const lower = name.toLowerCase().replace(/\.$/, '').replace(/^\*\./, '')
  return lower.startsWith('[') ? lower.slice(1, -1) : lower
}

function addRange(ranges: BlockList, range: string): void {
  const address = addressOf(range)
  ranges.addSubnet(address, Number(range.slice(address.length + 1)), isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

function rangeOfOne(address: string): string {
  return isIP(address) === 6 ? `${new URL(`http://[${address}]/`).hostname.slice(1, -1)}/128` : `${address}/32`
}

function isSingle(range: string): boolean {
  return range.endsWith(range.includes(':') ? '/128' : '/32')
}

function addressOf(range: string): string {
  return range.slice(0, range.indexOf('/'))
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}
