import type { Config } from '../sandbox/config.js'
import type { Vendor } from '../contract.js'
import { Problem } from '../kernel/problem.js'
import { visibleTables } from '../workspace/tables.js'
import { checkSeed, mergeSeeds, onlyTables, type Seed } from './document.js'
import { defaultSeedFile, readSeedFiles } from './files.js'

/** Sources of the start-up seed. */
export interface SeedSources {
  config: Pick<Config, 'defaultSeed' | 'seed'>
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
 * @throws Problem naming file, place and fault of everything that is wrong
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
    throw new Problem(422, 'invalid-seed', 'A seed is wrong; nothing was loaded.', lines.join('\n'), wrong)
  }
  const merged = mergeSeeds([...files, ...given].flatMap((checked) => (checked.ok ? [checked.seed] : [])))
  return onlyTables(merged, visibleTables(vendors))
}
