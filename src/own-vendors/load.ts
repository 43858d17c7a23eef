import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Vendor } from '../contract.js'
import { Problem } from '../kernel/problem.js'
import { meansToBeVendor, vendorFaults } from './vendor-shape.js'

/**
 * Loads the vendors that a file or package exports; a path is one of the working directory, and so is a package's place.
 *
 * @throws Problem naming what cannot be loaded, what is wrong with it, or that nothing there is a vendor
 */
export async function loadVendors(source: string): Promise<Vendor[]> {
  const exported = await load(source)
  const meant = [...new Map(Object.entries(exported).map(([name, value]) => [value, name]))].filter(([value]) => meansToBeVendor(value))
  const vendors = meant.map(([value, name]) => checkedVendor(value, `--vendor ${source}, export "${name}"`))
  if (vendors.length > 0) return vendors
  throw new Problem(
    422,
    'no-vendor',
    'No vendor there.',
    `--vendor ${source} exports ${Object.keys(exported).join(', ') || 'nothing'}; export a value of defineVendor: export const acme = defineVendor({ … }).`,
  )
}

/** A value as the vendor it means to be. @throws Problem with everything that is wrong with it */
export function checkedVendor(value: unknown, where: string): Vendor {
  const faults = vendorFaults(value)
  // The shape was just checked; its handlers can only be trusted.
  if (faults.length === 0) return value as Vendor
  throw new Problem(422, 'invalid-vendor', 'A vendor is wrong.', `${where}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
}

async function load(source: string): Promise<Record<string, unknown>> {
  try {
    return (await import(locationOf(source))) as Record<string, unknown>
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const [first = ''] = message.split('\n')
    throw new Problem(
      422,
      'vendor-load',
      'A vendor cannot be loaded.',
      `--vendor ${source}: ${first.replace(/\.$/, '')}. ${adviceOn(source, code, first)}`.trim(),
    )
  }
}

/** Advice for an import that failed. */
function adviceOn(source: string, code: string | undefined, message: string): string {
  if (/Cannot find package 'coinslot'/.test(message))
    return 'Install coinslot in the project of that file: npm install --save-dev coinslot.'
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?ts$/.test(source)) {
    return `TypeScript files load from Node 22.18 on; this is Node ${process.versions.node}. Compile it, or name the .js file.`
  }
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return 'Node only strips types: use no enum, namespace or parameter property, or compile the file.'
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return 'Its package.json must export "." with a "default" condition.'
  if (code === 'MODULE_NOT_FOUND') return `There is no such package beside ${resolve('.')}; a file is named with its path: ./${source}.`
  if (code === 'ERR_MODULE_NOT_FOUND' && isPath(source)) return `Paths are relative to ${resolve('.')}.`
  return ''
}

function locationOf(source: string): string {
  if (isPath(source)) return pathToFileURL(resolve(source)).href
  return pathToFileURL(createRequire(resolve('package.json')).resolve(source)).href
}

function isPath(source: string): boolean {
  return /^[./]|^[a-z]:[\\/]|\.[cm]?[jt]s$/i.test(source)
}
