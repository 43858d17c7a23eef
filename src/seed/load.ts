import type { Vendor } from '../contract.js'
import { InvalidInput } from '../kernel/problem.js'
import { visibleTables } from '../workspace/tables.js'
import { checkSeed, mergeSeeds, onlyTables, type Seed } from './document.js'
import { defaultSeedFile, readSeedFiles } from './files.js'

/** Sources of the start-up seed. */
export interface SeedSources {
  config: {
    /** True to load the packaged seed first. */
    defaultSeed: boolean
    /** Paths of seed files and folders. */
    seed: readonly string[]
  }
  /** Vendors that a seed may contain, also those that are off. */
  roster: readonly Vendor[]
  /** Those that are on; rows of the others are left out. */
  vendors: readonly Vendor[]
  /** Loaded over the files. */
  documents?: readonly unknown[] | undefined
}

/**
 * Reads default seed, seed files and documents, in this order.
 *
 * @throws InvalidInput with file, place and reason of every error
 */
export async function loadSeed({ config, roster, vendors, documents = [] }: SeedSources): Promise<Seed> {
  const tables = visibleTables(roster)
  const files = await readSeedFiles([...(config.defaultSeed ? [defaultSeedFile] : []), ...config.seed], tables, roster)
  const given = documents.map((document) => ({ file: 'seed', ...checkSeed(document, tables, roster) }))
  const wrong = [...files, ...given].flatMap(({ file, ...checked }) =>
    checked.ok ? [] : checked.errors.map((error) => ({ file, ...error })),
  )
  if (wrong.length > 0) {
    const lines = wrong.map(({ file, path, message }) => `${file} ${path || '/'}: ${message}`)
    throw new InvalidInput({ type: 'invalid-seed', title: 'Invalid seed; nothing was loaded.', detail: lines.join('\n'), errors: wrong })
  }
  const merged = mergeSeeds([...files, ...given].flatMap((checked) => (checked.ok ? [checked.seed] : [])))
  return onlyTables(merged, visibleTables(vendors))
}
