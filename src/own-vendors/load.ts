import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { basename, resolve } from 'node:path'
import { isSea } from 'node:sea'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Vendor } from '../contract.js'
import { InvalidInput } from '../kernel/problem.js'
import { meansToBeVendor, vendorErrors } from './vendor-shape.js'

/**
 * Loads the vendors that a file or package exports. Paths and packages are resolved from the working directory.
 *
 * @throws InvalidInput if the file cannot be loaded, exports no vendor, or exports an invalid one
 */
export async function loadVendors(source: string): Promise<Vendor[]> {
  const exported = await load(source)
  const meant = [...new Map(Object.entries(exported).map(([name, value]) => [value, name]))].filter(([value]) => meansToBeVendor(value))
  const vendors = meant.map(([value, name]) => checkedVendor(value, `--vendor ${source}, export "${name}"`))
  if (vendors.length > 0) return vendors
  throw new InvalidInput({
    type: 'no-vendor',
    title: 'No vendor exported.',
    detail: `--vendor ${source} exports ${Object.keys(exported).join(', ') || 'nothing'}; export a value of defineVendor: export const acme = defineVendor({ … }).`,
  })
}

/** Returns the value as a vendor. @throws InvalidInput with all of its errors */
export function checkedVendor(value: unknown, where: string): Vendor {
  const errors = vendorErrors(value)
  // The shape was just checked; what its handlers return cannot be checked here.
  if (errors.length === 0) return value as Vendor
  throw new InvalidInput({
    type: 'invalid-vendor',
    title: 'Invalid vendor.',
    detail: `${where}:\n${errors.map((error) => `  ${error}`).join('\n')}`,
  })
}

async function load(source: string): Promise<Record<string, unknown>> {
  try {
    const location = locationOf(source)
    // A single executable has no import() of files, but its require() loads modules as well.
    const loaded: unknown = isSea() ? createRequire(location)(fileURLToPath(location)) : await import(location)
    return loaded as Record<string, unknown>
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const [first = ''] = message.split('\n')
    const line = error instanceof SyntaxError && isPath(source) ? lineOfSyntaxError(resolve(source)) : undefined
    throw new InvalidInput({
      type: 'vendor-load',
      title: 'Vendor cannot be loaded.',
      detail:
        `--vendor ${source}: ${first.replace(/\.$/, '')}${line === undefined ? '' : ` at line ${line}`}. ${adviceOn(source, code, first)}`.trim(),
    })
  }
}

/** Line of a syntax error, which Node does not give with the error of an import; undefined in another file, and in a single executable. */
function lineOfSyntaxError(path: string): string | undefined {
  if (isSea()) return undefined
  const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' })
  const [place = ''] = stderr.split('\n')
  return place.includes(basename(path)) ? /:(\d+)$/.exec(place)?.[1] : undefined
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
