import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from './packed.js'
import { run } from './run.js'

const copy = mkdtempSync(join(tmpdir(), 'coinslot-documents-'))

beforeAll(() => {
  const left = new Set(['node_modules', 'dist', '.git', '.coinslot', 'coverage', 'release'])
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(path.slice(root.length)) })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
}, 240_000)
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const check = () => run(join(root, 'node_modules/.bin/tsx'), ['scripts/check-docs.ts'], { cwd: copy })

test('the links, examples and spelling of the documents are right', async () => {
  const done = await check()

  expect(done.code, done.stderr).toBe(0)
})

test('a dead link, a missing heading, a missing script, an example that no test runs and a misspelt word are found', async () => {
  const readme = join(copy, 'README.md')
  const before = readFileSync(readme, 'utf8')
  writeFileSync(
    readme,
    `${before}\nSee [a](docs/nowhere.md), [b](#no-such-place), \`npm run nothing\` and \`src/nothing.ts\`: a receit.\n\n\`\`\`sh\nnpx coinslot nothing\n\`\`\`\n`,
  )

  const done = await check()
  writeFileSync(readme, before)

  expect(done.code).toBe(1)
  expect(done.stderr.trim().split('\n')).toEqual([
    'README.md: docs/nowhere.md does not exist',
    'README.md: README.md has no heading #no-such-place',
    'README.md: npm script "nothing" does not exist',
    'README.md: src/nothing.ts does not exist',
    'README.md: the example "npx coinslot nothing" is not marked <!-- run --> or <!-- not run: REASON -->',
    'README.md: "receit" is not in the dictionary; correct it, or add it to scripts/words.txt',
    expect.stringMatching(/^\d+ documents, 6 faults$/) as string,
  ])
})
