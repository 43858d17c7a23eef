import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aFolder } from '../support/folder.js'
import { root } from './packed.js'
import { run } from './run.js'

test.each([
  ['C#', '#'],
  ['what?', '?'],
  ['[old] {x}', '[ and ] and { and }'],
])('in a folder named %s the build ends with one sentence that names %s', async (name, characters) => {
  const done = await run('node', [await placedIn(name)], { cwd: root })

  expect(done.code).toBe(1)
  expect(done.stderr).toMatch(/^coinslot cannot be built in [^\n]*: the bundler misreads [^\n]* Rename the folder, or move the clone\.\n$/)
  expect(done.stderr).toContain(`misreads ${characters} in`)
})

test.each(['a b', '50%41', 'w*r', "it's", '(z)', 'a;b&c', '한글'])('a folder named %s is built in', async (name) => {
  const done = await run('node', [await placedIn(name)], { cwd: root })

  expect([done.code, done.stderr]).toEqual([0, ''])
})

/** The first step of the build in a clone below a folder with this name. */
async function placedIn(name: string): Promise<string> {
  const scripts = join(await aFolder(), name, 'coinslot', 'scripts')
  mkdirSync(scripts, { recursive: true })
  copyFileSync(join(root, 'scripts/check-folder.js'), join(scripts, 'check-folder.mjs'))
  return join(scripts, 'check-folder.mjs')
}
