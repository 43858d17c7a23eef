import { randomInt } from 'node:crypto'
import { searchForContradiction } from '../sequence/search.js'
import { inAProcess, inThisProcess } from '../sequence/subject.js'
import { noWrongs, type Trial } from '../trial.js'

/** Random sequences of calls against a model of what a workspace holds. `COINSLOT_TORTURE_SEED` plays those of an earlier run. */
export const sequence: Trial = {
  name: 'sequence',
  summary: 'random calls of five vendors, faults, clocks, snapshots, resets and restarts against a model',
  async run({ quick, bin, say }) {
    const wrongs = noWrongs()
    const seed = Number(process.env['COINSLOT_TORTURE_SEED'] ?? randomInt(2 ** 31))
    const counts = { inProcess: quick ? 300 : 10_000, withKills: quick ? 100 : 2_000 }
    say(`seed ${seed}; COINSLOT_TORTURE_SEED=${seed} plays it again`)
    for (const [count, open] of [
      [counts.inProcess, inThisProcess],
      [counts.withKills, inAProcess({ bin })],
    ] as const) {
      const onStep = (at: number) => at % 1_000 === 999 && say(`${at + 1} of ${count} steps`)
      const contradiction = await searchForContradiction({ seed, count, open, onStep })
      if (contradiction) wrongs.unclean.push(contradiction)
    }
    return {
      ...wrongs,
      done: `${counts.inProcess} steps in one process, ${counts.withKills} with kill -9, seed ${seed}`,
      found: ['each answer and what each workspace held were as the model says'],
    }
  },
}
