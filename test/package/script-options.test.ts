import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from './packed.js'
import { run } from './run.js'

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
// `start` and `test` pass their options on, and `build` takes none.
const own = Object.entries(scripts).filter(([name]) => !['start', 'test', 'build'].includes(name))

describe.each(own)('npm run %s', (name, line) => {
  const [program, file] = line.split(' && ').at(-1)!.split(' ')
  const start = (...args: string[]) =>
    run(process.execPath, [...(program === 'tsx' ? ['--import', 'tsx'] : []), file!, ...args], { cwd: root })

  test('-- --help prints its usage', { timeout: 60_000 }, async () => {
    const done = await start('--help')
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(`^Usage: npm run ${name}\\b`) as string })
  })

  test('with an unknown option names it and prints its usage', { timeout: 60_000 }, async () => {
    const { code, stderr } = await start('--unheard-of')
    expect(code).toBe(2)
    expect(stderr).toMatch(`Unknown option '--unheard-of'`)
    expect(stderr).toContain(`Usage: npm run ${name}`)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})

test.each([
  ['kills that are not a number', ['--kills', 'many'], 'not "many"'],
  ['an unknown trial beside a known one', ['--only', 'kill,kil'], 'no trial "kil"'],
  ['an argument', ['kill'], `Unexpected argument 'kill'`],
])('npm run torture refuses %s', { timeout: 60_000 }, async (_what, args, named) => {
  const { code, stderr } = await run(process.execPath, ['--import', 'tsx', 'scripts/torture/run.ts', ...args], { cwd: root })
  expect(code).toBe(2)
  expect(stderr).toContain(named)
  expect(stderr).not.toMatch(/^ +at /m)
})
