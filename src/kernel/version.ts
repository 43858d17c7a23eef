import { readPackageFile } from './package-files.js'

/** The version of this package, as its package.json says. */
export const { version } = JSON.parse(readPackageFile('package.json').toString()) as { version: string }
