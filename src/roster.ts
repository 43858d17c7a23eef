import { resolve } from 'node:path'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { Vendor } from './contract.js'
import { Problem } from './kernel/problem.js'
import * as packaged from './vendors/index.js'

/** The vendors of the package. */
export const packagedVendors: readonly Vendor[] = Object.values(packaged)

/**
 * The packaged vendors and those of the user's own, from files or packages.
 *
 * @throws Problem naming what cannot be loaded or is no vendor
 */
export async function loadRoster(sources: readonly string[], own: readonly Vendor[] = []): Promise<Vendor[]> {
  const loaded = await Promise.all(sources.map(loadVendors))
  const roster = [...packagedVendors]
  for (const vendor of [...own, ...loaded.flat()]) {
    const taken = roster.find((known) => known.id === vendor.id || known.hosts.some((host) => vendor.hosts.includes(host)))
    if (taken)
      throw new Problem(422, 'vendor-clash', 'Two vendors clash.', `${vendor.id} shares its id or a host with ${taken.id}; give it others.`)
    roster.push(vendor)
  }
  return roster
}

/** Those of the roster that are wanted, in its order. @throws Problem when one is unknown */
export function chooseVendors(roster: readonly Vendor[], wanted: readonly string[] | undefined): Vendor[] {
  if (!wanted) return [...roster]
  for (const id of wanted) {
    if (roster.some((vendor) => vendor.id === id)) continue
    throw new Problem(
      422,
      'unknown-vendor',
      'No such vendor.',
      `--vendors names "${id}"; there are ${roster.map((vendor) => vendor.id).join(', ')}.`,
    )
  }
  return roster.filter(({ id }) => wanted.includes(id))
}

async function loadVendors(source: string): Promise<Vendor[]> {
  let exported: Record<string, unknown>
  try {
    exported = (await import(locationOf(source))) as Record<string, unknown>
  } catch (error) {
    const needsNode = source.endsWith('.ts') ? ' TypeScript files load from Node 22.18 on.' : ''
    throw new Problem(422, 'vendor-load', 'A vendor cannot be loaded.', `--vendor ${source}: ${(error as Error).message}.${needsNode}`)
  }
  const vendors = [...new Set(Object.values(exported))].filter((value) => vendorShape.safeParse(value).success)
  // The shape was just checked; its handlers can only be trusted.
  if (vendors.length > 0) return vendors as Vendor[]
  throw new Problem(
    422,
    'no-vendor',
    'No vendor there.',
    `--vendor ${source} exports ${Object.keys(exported).join(', ') || 'nothing'}; export a value of defineVendor.`,
  )
}

/** A path is a file of the working directory; anything else is a package as the working directory sees it. */
function locationOf(source: string): string {
  if (/^[./]|^[a-z]:[\\/]|\.[cm]?[jt]s$/i.test(source)) return pathToFileURL(resolve(source)).href
  return pathToFileURL(createRequire(resolve('package.json')).resolve(source)).href
}

const callable = z.custom<unknown>((value) => typeof value === 'function', 'must be a function')

const vendorShape = z.looseObject({
  id: z.string().regex(/^[a-z][a-z0-9]{0,30}$/),
  title: z.string(),
  baseUrls: z.array(z.string()),
  hosts: z.array(z.string()),
  ports: z.array(z.int()),
  tables: z.record(z.string(), z.unknown()),
  routes: z.array(z.looseObject({ method: z.string(), path: z.string().startsWith('/'), handle: callable })),
  voice: callable,
  replies: z.record(z.string(), z.unknown()),
})
