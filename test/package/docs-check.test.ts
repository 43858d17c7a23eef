import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from './packed.js'
import { run } from './run.js'

const copy = mkdtempSync(join(tmpdir(), 'coinslot-papers-'))

beforeAll(() => {
  const left = new Set(['node_modules', 'dist', '.git', '.coinslot', 'coverage', 'release'])
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(path.slice(root.length)) })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
}, 240_000)
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const check = () => run(join(root, 'node_modules/.bin/tsx'), ['scripts/check-docs.ts'], { cwd: copy })

test('links and spelling of what people read are right', async () => {
  const done = await check()

  expect(done.code, done.stderr).toBe(0)
})

test('a dead link, a missing anchor, an unknown script and a misspelt word are found', async () => {
  const readme = join(copy, 'README.md')
  const before = readFileSync(readme, 'utf8')
  writeFileSync(readme, `${before}\nSee [a](docs/nowhere.md), [b](#no-such-place), \`npm run nothing\` and \`src/nothing.ts\`: a receit.\n`)

  const done = await check()
  writeFileSync(readme, before)

  expect(done.code).toBe(1)
  expect(done.stderr.trim().split('\n')).toEqual([
    'README.md: there is no docs/nowhere.md',
    'README.md: README.md has no place #no-such-place',
    'README.md: there is no npm script "nothing"',
    'README.md: there is no src/nothing.ts',
    'README.md: "receit" is not in the dictionary; correct it, or add it to scripts/words.txt',
    expect.stringMatching(/^\d+ papers, 5 faults$/) as string,
  ])
})
