import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from './packed.js'
import { run } from './run.js'

const place = mkdtempSync(join(tmpdir(), 'coinslot-release-'))
const tree = join(place, 'tree')
const out = join(place, 'out')

beforeAll(() => {
  const left = new Set(['node_modules', '.git', '.coinslot', 'coverage', 'release'])
  cpSync(root, tree, { recursive: true, filter: (path) => !left.has(path.slice(root.length)) })
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'), 'junction')
  // To git a link is not a folder, so the rule of the tree for node_modules does not cover it.
  writeFileSync(join(tree, '.gitignore'), `${readFileSync(join(tree, '.gitignore'), 'utf8')}\nnode_modules\n`)
  git('init', '-q')
  git('add', '-A')
  git('-c', 'user.name=tester', '-c', 'user.email=tester@example.com', 'commit', '-q', '-m', 'all')
}, 240_000)
afterAll(() => rmSync(place, { recursive: true, force: true }))

test('a rehearsed release leaves package, bill of materials and check sums, and publishes nothing', async () => {
  const done = await run('node', ['scripts/release.js', '--quick', '--out', out], { cwd: tree })
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const tarball = `coinslot-${version}.tgz`

  expect(done.code, done.stderr).toBe(0)
  expect(done.stderr).toContain('Nothing was published.')
  expect(done.stderr).toContain('(dry-run)')
  expect(readdirSync(out).sort()).toEqual(['SHA256SUMS', tarball, 'sbom.cdx.json'])
  const sum = createHash('sha256')
    .update(readFileSync(join(out, tarball)))
    .digest('hex')
  expect(readFileSync(join(out, 'SHA256SUMS'), 'utf8')).toContain(`${sum}  ${tarball}\n`)
}, 400_000)

test('the bill of materials names the packages of the page of licences, and no others', () => {
  const bill = JSON.parse(readFileSync(join(out, 'sbom.cdx.json'), 'utf8')) as {
    bomFormat: string
    components: { name: string; version: string }[]
  }
  const page = readFileSync(join(root, 'docs/licences.md'), 'utf8')
  const listed = [...page.matchAll(/^\| `([^`]+)` \| (\S+) \|/gm)].map(([, name, version]) => `${name}@${version}`)
  const billed = bill.components.map(({ name, version }) => `${name}@${version}`).filter((one) => !one.startsWith('coinslot@'))

  expect(bill.bomFormat).toBe('CycloneDX')
  expect(billed.map(nameOf).sort()).toEqual(listed.map(nameOf).sort())
})

test.each([
  [
    'a change that is not committed',
    () => writeFileSync(join(tree, 'left.txt'), ''),
    () => rmSync(join(tree, 'left.txt')),
    /not committed[^]*left\.txt/,
  ],
  ['a version that was released', () => git('tag', tag()), () => git('tag', '-d', tag()), /raise the version/],
])('%s ends the rehearsal', async (_what, spoil, mend, said) => {
  spoil()
  const done = await run('node', ['scripts/release.js', '--quick', '--out', out], { cwd: tree })
  mend()

  expect(done.code).toBe(1)
  expect(done.stderr).toMatch(said)
})

function tag(): string {
  return `v${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version}`
}

/** The registry may have a newer patch than the lock file. */
function nameOf(one: string): string {
  return one.slice(0, one.lastIndexOf('@'))
}

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] })
}
