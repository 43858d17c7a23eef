import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aFolder } from '../support/folder.js'
import { root } from './packed.js'
import { run } from './run.js'

test('a clone whose node_modules is a link to that of another clone leaves its packages alone', async () => {
  const folder = await aFolder()
  const [clone, others] = [join(folder, 'clone'), join(folder, 'others')]
  for (const made of [join(clone, 'scripts'), join(others, 'some-package')]) mkdirSync(made, { recursive: true })
  for (const name of ['bootstrap.js', 'npm.js']) copyFileSync(join(root, 'scripts', name), join(clone, 'scripts', name))
  const project = { name: 'clone', version: '1.0.0' }
  writeFileSync(join(clone, 'package.json'), JSON.stringify({ ...project, type: 'module' }))
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify({ ...project, lockfileVersion: 3, packages: { '': project } }))
  symlinkSync(others, join(clone, 'node_modules'), 'junction')

  // The packages are looked for before the task.
  const done = await run('node', ['scripts/bootstrap.js', 'no-task'], { cwd: clone })

  expect(done.stderr).toContain('node_modules is a link, so its packages are used as they are')
  expect(existsSync(join(others, 'some-package'))).toBe(true)
})
