// `npm run bench`: measures the built command on this machine, against bare servers and against the mock servers people would pick
// instead. --quick gives a first look; --only names sections; --write puts figures and chart into docs/benchmarks.md and docs/bench.svg.
import { cpus } from 'node:os'
import { costs } from './costs.js'
import { tableOf, type Figure } from './figure.js'
import { growth } from './growth.js'
import { readOptions, refuseOptions } from '../options.js'
import { inspectorCost } from './inspector-cost.js'
import { peers } from './peers.js'
import { receipts } from './receipts.js'
import { writeReadme } from './readme.js'
import { paces, type Section } from './section.js'
import { shared } from './shared.js'
import { start } from './start.js'
import { stores } from './stores.js'
import { throughput } from './throughput.js'
import { tls } from './tls.js'

const sections: readonly Section[] = [throughput, peers, start, growth, costs, receipts, stores, inspectorCost, tls, shared]

const ids = sections.map(({ id }) => id)
const usage = `Usage: npm run bench -- [--quick] [--only SECTION]... [--write]
  --quick  a first look, not worth quoting
  --only   a section to run, once or several times (default: all): ${ids.join(', ')}
  --write  put figures and chart into docs/benchmarks.md and docs/bench.svg`
const { values } = readOptions(usage, {
  options: { quick: { type: 'boolean' }, only: { type: 'string', multiple: true }, write: { type: 'boolean' } },
})
const unknown = values.only?.filter((id) => !ids.includes(id)) ?? []
if (unknown.length > 0) refuseOptions(`There is no section "${unknown.join('", "')}".`, usage)

const machine = `Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${process.platform}`
const say = (line: string) => process.stdout.write(`${line}\n`)
say(`${machine}; ${values.quick ? 'a quick look, not worth quoting' : 'medians of several turns'}\n`)
const results: { section: Section; figures: Figure[] }[] = []
for (const section of sections) {
  if (values.only && !values.only.includes(section.id)) continue
  say(`\n${section.title}`)
  const began = performance.now()
  const figures = await section.run(values.quick ? paces.quick : paces.full, (line) => say(`  ${line}`))
  say(tableOf(figures))
  say(`  ${((performance.now() - began) / 1000).toFixed(0)} s`)
  results.push({ section, figures })
}
if (values.write) writeReadme({ machine, results })
