import { configureGlobal } from 'fast-check'

// A fixed seed, so that a run can be repeated; COINSLOT_TEST_SEED=random, or a number, tries others. A failure prints the seed.
const given = process.env['COINSLOT_TEST_SEED'] ?? '1309956183'
if (given !== 'random') configureGlobal({ seed: Number(given) })
