import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartOf } from './chart.js'
import { markdownOf, type Figure } from './figure.js'
import { root } from './processes.js'
import type { Section } from './section.js'

/** Results of a run. */
export interface Run {
  machine: string
  results: readonly { section: Section; figures: readonly Figure[] }[]
}

const marks = /(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/

/** Writes the figures of a run into docs/benchmarks.md between their marks, and the chart beside it. @throws Error if the marks are missing */
export function writeReadme({ machine, results }: Run): void {
  const path = join(root, 'docs', 'benchmarks.md')
  const text = readFileSync(path, 'utf8')
  if (!marks.test(text)) throw new Error('docs/benchmarks.md has no <!-- bench --> block')
  const parts = results
    .filter(({ figures }) => figures.length > 0)
    .map(({ section, figures }) => `**${section.title}**\n\n${markdownOf(figures)}`)
  const block = [`Measured with ${machine}.`, '![Throughput of coinslot, bare servers and mock servers](bench.svg)', ...parts].join('\n\n')
  writeFileSync(
    path,
    text.replace(marks, (_all, open: string, close: string) => `${open}\n${block}\n\n${close}`),
  )
  writeFileSync(
    join(root, 'docs', 'bench.svg'),
    chartOf(results.flatMap(({ section, figures }) => (section.id === 'peers' ? figures : []))),
  )
}
