import Table from 'cli-table3'
import { useCachedPrograms } from '../system-packages.js'
import { builtBin } from '../command.js'
import { readOptions, refuseOptions } from '../options.js'
import type { Result, Trial } from './trial.js'
import { trials } from './trials.js'

useCachedPrograms()
const names = trials.map(({ name }) => name)
const usage = `Usage: npm run torture -- [--kills N] [--only NAME,NAME] [--quick] [--bin FILE]
  --kills  number of kills of a trial (default: 200)
  --only   trials to run (default: all): ${names.join(', ')}
  --quick  short form of each trial
  --bin    the command under trial (default: dist/bin.js)`
const { values } = readOptions(usage, {
  options: {
    kills: { type: 'string', default: '200' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    bin: { type: 'string', default: builtBin },
  },
})
if (!/^[1-9]\d*$/.test(values.kills)) refuseOptions(`--kills takes a number of 1 or more, not "${values.kills}".`, usage)
const unknown = values.only?.split(',').filter((name) => !names.includes(name)) ?? []
if (unknown.length > 0) refuseOptions(`There is no trial "${unknown.join('", "')}".`, usage)
const chosen = trials.filter(({ name }) => values.only === undefined || values.only.split(',').includes(name))

/** Of what went wrong in one way in one trial. */
const mostShown = 10

const results: [Trial, Result][] = []
for (const trial of chosen) {
  const say = (text: string) => process.stderr.write(`${trial.name}: ${text}\n`)
  say(trial.summary)
  const kills = values.quick ? Math.min(8, Number(values.kills)) : Number(values.kills)
  const began = performance.now()
  const result = await trial.run({ kills, quick: values.quick, bin: values.bin, say })
  const { lost, doubled, crashed, unclean } = result
  const wrong = `lost ${lost.length}, doubled ${doubled.length}, crashed ${crashed.length}, unclean ${unclean.length}`
  say(`${result.done}: ${wrong}, in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  results.push([trial, result])
}

const table = new Table({
  head: ['trial', 'done', 'found', 'lost', 'doubled', 'crashed', 'unclean'],
  style: { head: [], border: [] },
  colWidths: [16, 34, 52, 6, 9, 9, 9],
  wordWrap: true,
})
for (const [{ name, summary }, { done, found, notTried, lost, doubled, crashed, unclean }] of results) {
  const tried = notTried === undefined
  table.push([
    name,
    `${summary}: ${done}`,
    tried ? found.join('\n') : `not tried: ${notTried}`,
    ...[lost, doubled, crashed, unclean].map((wrong) => (tried ? wrong.length : '-')),
  ])
}
process.stdout.write(`${table.toString()}\n`)

let isWrong = false
for (const [{ name }, { lost, doubled, crashed, unclean }] of results) {
  for (const [kind, all] of Object.entries({ lost, doubled, crashed, unclean })) {
    isWrong ||= all.length > 0
    for (const text of all.slice(0, mostShown)) process.stdout.write(`${name}, ${kind}: ${text}\n`)
    if (all.length > mostShown) process.stdout.write(`${name}, ${kind}: … and ${all.length - mostShown} more\n`)
  }
}
process.exitCode = isWrong ? 1 : 0
