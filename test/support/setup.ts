import { configureGlobal } from 'fast-check'
import { afterAll, vi } from 'vitest'
import { afterFile } from './after-file.js'

// A fixed seed, so that a run can be repeated; COINSLOT_TEST_SEED=random, or a number, tries others. A failure prints the seed.
const given = process.env['COINSLOT_TEST_SEED'] ?? '1309956183'
if (given !== 'random') configureGlobal({ seed: Number(given) })

afterAll(async () => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  for (const work of afterFile.splice(0)) await work()
})
