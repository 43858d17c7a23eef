import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packed, root, type Packed } from './packed.js'
import { nodeOf, run } from './run.js'

const follow = join(root, 'scripts/follow-readme.js')
/** Five accepted purchases, and the one with a damaged receipt. */
const answers = 'answers: 200 200 200 200 200 402'
const place = mkdtempSync(join(tmpdir(), 'coinslot-reader-'))
let pack: Packed
/** The first test has the Node of the tests. */
const otherMajors = [20, 22, 24, 26].filter((major) => !process.versions.node.startsWith(`${major}.`))

beforeAll(() => {
  pack = packed()
}, 240_000)
afterAll(() => {
  pack.remove()
  rmSync(place, { recursive: true, force: true })
})

test('who follows the README in an empty folder, word by word, gets what it promises', async () => {
  const done = await run('node', [follow, '--package', pack.tarball, '--folder', place], { cwd: place })

  expect(done.code, done.stdout + done.stderr).toBe(0)
  expect(done.stdout).toContain(answers)
  expect(done.stdout).toContain('verified')
}, 240_000)

test.concurrent.each(otherMajors)(
  'what was installed there does the same on Node %i',
  async (major) => {
    const folder = join(place, `node-${major}`)
    const node = nodeOf(major)
    mkdirSync(folder)
    symlinkSync(join(place, 'node_modules'), join(folder, 'node_modules'), 'junction')

    const done = await run('node', [follow, '--folder', folder], { cwd: folder, node })

    expect(done.code, done.stdout + done.stderr).toBe(0)
    expect(done.stdout).toContain(`followed on Node ${major}.`)
    expect(done.stdout).toContain(answers)
  },
  180_000,
)

test('an old Node is told so in the first line, and nothing else happens', async () => {
  const old = join(place, 'old-node.cjs')
  writeFileSync(old, "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } })")

  const done = await run('node', ['--require', old, join(place, 'node_modules/coinslot/dist/bin.js'), '--memory'], { cwd: place })

  expect(done.code).toBe(1)
  expect(done.stdout).toBe('')
  expect(done.stderr).toMatch(/^coinslot needs Node 20\.19 or later; this is Node 18\.20\.8\. [^\n]+\n$/)
})
