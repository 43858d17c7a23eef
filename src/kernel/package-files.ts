import { readFileSync } from 'node:fs'
import { getAsset, isSea } from 'node:sea'
import { fileURLToPath } from 'node:url'

/**
 * Reads a file of the package, named by its path in the package: `fixtures/default.json`. A single executable holds these files in
 * itself, so nothing else may ask for the folder of the package.
 *
 * @throws Error if there is no such file
 */
export function readPackageFile(path: string): Buffer {
  return isSea() ? Buffer.from(getAsset(path)) : readFileSync(locationOf(path))
}

/** Name of a file of the package for messages: its path on disk, or in the executable. */
export function nameOfPackageFile(path: string): string {
  return isSea() ? path : fileURLToPath(locationOf(path))
}

/** Two folders up from the sources, from what the compiler makes of them and from the bundle. */
function locationOf(path: string): URL {
  return new URL(`../../${path}`, import.meta.url)
}
