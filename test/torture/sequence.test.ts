import { expect, test } from 'vitest'
import { searchForContradiction } from '../../scripts/torture/sequence/search.js'
import { inAProcess, inThisProcess } from '../../scripts/torture/sequence/subject.js'
import { builtBin } from '../../scripts/command.js'

// `npm run torture -- --only sequence` plays ten thousand steps and more, with a new seed each time.

test.each([1, 2])('random calls, faults, clocks, snapshots and restarts leave what the rules say (seed %i)', async (seed) => {
  expect(await searchForContradiction({ seed, count: 150, open: inThisProcess })).toBeUndefined()
})

test('random steps on the built command leave what the rules say, with kill -9 in between', async () => {
  expect(await searchForContradiction({ seed: 3, count: 60, open: inAProcess({ bin: builtBin }) })).toBeUndefined()
})
