import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packed, root, type Packed } from './packed.js'
import { nodeOf, run } from './run.js'

const follow = join(root, 'scripts/follow-readme.js')
/** The replies to the curl lines. */
const answers = 'answers: 200 200 206 200 200'
/** Lines of the commands that send receipts, in their order: three purchases, and two forged ones. */
const sent = [
  /mbaasy POST \S+ 200 recorded/,
  /gameofwhales POST \/receipt 200 legal/,
  /ouya POST \S+ 200 /,
  /mbaasy POST \S+ 402 /,
  /gameofwhales POST \/receipt 200 illegal/,
]
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

test('every example of the README works in an empty folder and prints what the README promises', async () => {
  const done = await run('node', [follow, '--package', pack.tarball, '--folder', place, '--npx', 'first'], { cwd: place })

  expect(done.code, done.stdout + done.stderr).toBe(0)
  expect(done.stdout).toContain(answers)
  for (const line of sent) expect(done.stdout).toMatch(line)
  expect(done.stdout).toContain('verified: 1 call matches {"vendor":"teak","outcome":"recorded"')
  expect(done.stdout).toContain('verified: 1 call matches {"vendor":"mbaasy","verdict":"refused"}')
  expect(done.stdout).toContain('it failed with 1, and named')
  expect(done.stdout).toContain('genuine in_app_purchase.created\n')
}, 600_000)

test.concurrent.each(otherMajors)(
  'the examples of the README work on Node %i as well',
  async (major) => {
    const folder = join(place, `node-${major}`)
    const node = nodeOf(major)
    mkdirSync(folder)
    symlinkSync(join(place, 'node_modules'), join(folder, 'node_modules'), 'junction')

    const done = await run('node', [follow, '--folder', folder, '--npx', 'none'], { cwd: folder, node })

    expect(done.code, done.stdout + done.stderr).toBe(0)
    expect(done.stdout).toContain(`followed on Node ${major}.`)
    expect(done.stdout).toContain(answers)
  },
  600_000,
)

test('an old Node gets one line that names the version it needs, and nothing else happens', async () => {
  const old = join(place, 'old-node.cjs')
  writeFileSync(old, "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } })")

  const done = await run('node', ['--require', old, join(place, 'node_modules/coinslot/dist/bin.js'), '--memory'], { cwd: place })

  expect(done.code).toBe(1)
  expect(done.stdout).toBe('')
  expect(done.stderr).toMatch(/^coinslot needs Node 20\.19 or later; this is Node 18\.20\.8\. [^\n]+\n$/)
})
