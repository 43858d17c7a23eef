import type { Vendor } from '../contract.js'
import { InvalidInput } from '../kernel/problem.js'
import * as packaged from '../vendors/index.js'

/** The vendors of the package. */
export const packagedVendors: readonly Vendor[] = Object.values(packaged)

/**
 * Returns the packaged vendors and the user's own ones, from files or packages.
 *
 * @throws Problem if a source cannot be loaded or does not export a vendor
 */
export async function loadRoster(sources: readonly string[], own: readonly Vendor[] = []): Promise<Vendor[]> {
  const roster = [...packagedVendors]
  if (sources.length === 0 && own.length === 0) return roster
  const { checkedVendor, loadVendors } = await import('../own-vendors/load.js')
  const given = own.map((vendor, at) => checkedVendor(vendor, `vendor[${at}]`))
  const loaded = await Promise.all(sources.map(loadVendors))
  for (const vendor of [...given, ...loaded.flat()]) {
    const taken = roster.find((known) => sharesAddress(known, vendor))
    if (taken)
      throw new InvalidInput({
        type: 'vendor-clash',
        title: 'Vendors conflict.',
        detail: `${vendor.id} shares its id, a host or a path with ${taken.id}; give it others.`,
      })
    roster.push(vendor)
  }
  return roster
}

function sharesAddress(one: Vendor, other: Vendor): boolean {
  const paths = (vendor: Vendor) => [vendor.id, ...(vendor.ownPaths ?? [])]
  return one.hosts.some((host) => other.hosts.includes(host)) || paths(one).some((path) => paths(other).includes(path))
}

/** Returns the vendors of the roster that `--vendors` names, in its order. @throws Problem if one is unknown */
export function chooseVendors(roster: readonly Vendor[], wanted: readonly string[] | undefined): Vendor[] {
  if (!wanted) return [...roster]
  for (const id of wanted) {
    if (roster.some((vendor) => vendor.id === id)) continue
    throw new InvalidInput({
      type: 'vendors-option',
      title: 'Vendor not found.',
      detail: `--vendors names "${id}"; there are ${roster.map((vendor) => vendor.id).join(', ')}.`,
    })
  }
  return roster.filter(({ id }) => wanted.includes(id))
}

/** Returns the ports that these vendors document, each once, in ascending order. */
export function documentedPorts(vendors: readonly Pick<Vendor, 'ports'>[]): number[] {
  return [...new Set(vendors.flatMap(({ ports }) => [...ports]))].sort((a, b) => a - b)
}
