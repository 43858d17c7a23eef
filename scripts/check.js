// `npm run check`: types, lint, format, dead code, generated blocks, links and spelling,
// wording. Every step runs, so that one run reports every failure.
import { spawnSync } from 'node:child_process'
import { readOptions } from './options.js'

readOptions('Usage: npm run check')

/** @type {[name: string, command: string, args: string[]][]} */
const steps = [
  ['types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']],
  ['types of the page', 'tsc', ['--noEmit', '-p', 'src/inspector/page']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings', 'src', 'test', 'scripts']],
  ['format', 'oxfmt', ['--check', 'src', 'test', 'scripts']],
  ['dead code', 'knip', []],
  ['generated blocks', 'tsx', ['scripts/generated.ts', '--check']],
  ['links and spelling', 'tsx', ['scripts/check-docs.ts']],
  ['wording', 'tsx', ['scripts/check-language.ts']],
]

const failed = []
for (const [name, command, args] of steps) {
  const done = spawnSync('npx', ['--no-install', command, ...args], { stdio: 'inherit', shell: process.platform === 'win32' })
  process.stderr.write(`${done.status === 0 ? 'ok    ' : 'FAILED'} ${name}\n`)
  if (done.status !== 0) failed.push(name)
}
process.exitCode = failed.length === 0 ? 0 : 1
