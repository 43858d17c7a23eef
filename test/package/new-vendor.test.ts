import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root, withoutNpm } from './packed.js'

const left = new Set(['node_modules', 'dist', '.git', '.coinslot', 'coverage'])
let copy: string

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'coinslot-tree-'))
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(path.slice(root.length)) })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  await inCopy('tsx', 'scripts/new-vendor.ts', 'acme', '--title', 'Acme Games')
}, 240_000)
afterAll(() => rmSync(copy, { recursive: true, force: true }))

test('a new vendor has its slice, fixtures, test, page, seed and line in the roster', () => {
  const read = (file: string) => readFileSync(join(copy, file), 'utf8')

  expect(read('src/vendors/index.ts')).toContain("export { acme } from './acme/index.js'")
  expect(JSON.parse(read('fixtures/default.json'))).toMatchObject({ acme: { games: [{ gameId: 'sandbox-game' }] } })
  expect(read('docs/vendors/acme.md')).toContain('# Acme Games')
  expect(read('README.md')).toContain('docs/vendors/acme.md')
  expect(existsSync(join(copy, 'fixtures/acme/exchanges/purchase.json'))).toBe(true)
})

test('with a new vendor the tree still compiles, lints and is formatted', async () => {
  const [types, lint, format] = await Promise.all([
    inCopy('tsc', '--noEmit', '-p', 'tsconfig.build.json'),
    inCopy('oxlint', '--type-aware', '--deny-warnings', 'src/vendors/acme', 'test/vendors/acme'),
    inCopy('oxfmt', '--check', 'src/vendors', 'test/vendors/acme'),
  ])

  expect([types, lint, format].map(({ code, output }) => code === 0 || output)).toEqual([true, true, true])
}, 240_000)

test('with a new vendor the suite that holds every vendor to the spine passes, its own test too', async () => {
  const suite = ['test/contract.test.ts', 'test/layers.test.ts', 'test/openapi/vendor-page.test.ts', 'test/vendors/acme']

  const done = await inCopy('vitest', 'run', ...suite)

  expect(done.code, done.output).toBe(0)
  expect(done.output).toContain('test/vendors/acme/purchase.test.ts')
}, 240_000)

test.each([
  ['an invalid id', ['Acme!'], 'lower-case'],
  ['an id that is taken', ['teak'], 'src/vendors/teak'],
  ['an id that a seed uses otherwise', ['clock'], 'clock'],
])('%s is refused and writes nothing', async (_what, args, named) => {
  const before = readFileSync(join(copy, 'src/vendors/index.ts'), 'utf8')

  const done = await inCopy('tsx', 'scripts/new-vendor.ts', ...args)

  expect(done.code).toBe(1)
  expect(done.output).toContain(named)
  expect(readFileSync(join(copy, 'src/vendors/index.ts'), 'utf8')).toBe(before)
})

async function inCopy(command: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const env = Object.fromEntries(Object.entries(withoutNpm()).filter(([name]) => !/^(VITEST|NODE_ENV|TEST)/.test(name)))
  const run = promisify(execFile)
  try {
    const { stdout, stderr } = await run(join(root, 'node_modules/.bin', command), args, { cwd: copy, env, maxBuffer: 64 * 1024 * 1024 })
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, output: stdout + stderr }
  }
}
