import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Trial } from '../../scripts/torture/trial.js'

const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))

/** Runs the short form of a trial of `npm run torture`; every reported failure fails the test. */
export async function holds(trial: Trial): Promise<void> {
  const { lost, doubled, crashed, unclean } = await trial.run({ kills: 5, quick: true, bin, say: () => {} })
  expect({ lost, doubled, crashed, unclean }).toEqual({ lost: [], doubled: [], crashed: [], unclean: [] })
}
