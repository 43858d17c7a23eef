import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packed, root, type Packed } from './packed.js'

let pack: Packed
beforeAll(() => {
  pack = packed()
}, 240_000)
afterAll(() => pack.remove())

const read = (file: string) => readFileSync(join(pack.folder, file), 'utf8')
const manifest = () => JSON.parse(read('package.json')) as Record<string, Record<string, string>>

test('the package holds the command, its types, the default seed, the development keys and the papers', () => {
  expect(pack.files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'package.json',
      'dist/bin.js',
      'dist/index.js',
      'dist/index.d.ts',
      'fixtures/default.json',
      'fixtures/seed.schema.json',
      'fixtures/keys/google-play.pem',
      'docs/vendors/teak.md',
    ]),
  )
})

test('the package holds nothing that only tests or the build need', () => {
  const strange = pack.files.filter((file) => !/^(dist|docs|fixtures\/keys)\//.test(file) && !/^[A-Z]+(\.md)?$/.test(file))

  expect(strange.sort()).toEqual(['fixtures/default.json', 'fixtures/seed.schema.json', 'package.json'])
  expect(pack.files.filter((file) => /exchanges|\.test\.|built-from|(^|\/)\.(?!well)/.test(file))).toEqual([])
})

test('every compiled file stands on a source of today', () => {
  const compiled = pack.files.filter((file) => /\.(js|d\.ts|js\.map)$/.test(file) && !/^dist\/(inspector|bundle)\//.test(file))
  const sourceOf = (file: string) => join(root, 'src', file.replace(/^dist\//, '').replace(/\.(js|d\.ts|js\.map)$/, ''))

  expect(compiled.filter((file) => !['.ts', '.tsx'].some((ending) => existsSync(sourceOf(file) + ending)))).toEqual([])
})

test('every script has a map that carries its source, since sources are not packed', () => {
  const scripts = pack.files.filter((file) => /^dist\/(?!inspector\/).*\.js$/.test(file))
  const mapless = scripts.filter((file) => {
    // The bundler's own helpers come from no source.
    if (isPassage(read(file)) || file === 'dist/bundle/rolldown-runtime.js') return false
    if (!pack.files.includes(`${file}.map`)) return true
    const map = JSON.parse(read(`${file}.map`)) as { sources: string[]; sourcesContent?: (string | null)[] }
    return map.sources.length === 0 || !map.sourcesContent?.every((content) => content !== null && content.length > 0)
  })

  expect(scripts.length).toBeGreaterThan(100)
  expect(mapless).toEqual([])
})

test('the bundled command carries the licences of the packages inside it', () => {
  const licences = read('dist/bundle/licences.txt')

  for (const name of ['zod', 'hono', 'commander', 'lowdb']) expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
})

test('nothing runs when the package is installed, and no file of it names this machine', () => {
  const scripts = Object.keys(manifest()['scripts']!)
  const own = [root, process.env['HOME'] ?? root].filter((path) => path !== '/')
  const named = pack.files.filter((file) => /\.(js|map|json|ts|md)$/.test(file) && own.some((path) => read(file).includes(`${path}/`)))

  expect(scripts.filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([])
  expect(named).toEqual([])
})

test('what the code imports at run time is a dependency, and every dependency is imported', () => {
  const { dependencies = {}, peerDependencies = {} } = manifest()
  const imported = new Set<string>()
  for (const file of pack.files.filter((name) => /^dist\/(?!inspector\/).*\.js$/.test(name))) {
    const code = read(file).replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '')
    for (const [, name = ''] of code.matchAll(/(?:^(?:import|export)\b[^'"\n]*?\bfrom |^import |\b(?:import|require)\()'([^'.][^']*)'/gm)) {
      if (!name.startsWith('node:')) imported.add(packageOf(name))
    }
  }
  // The public entry loads no package under its own name.
  imported.delete('coinslot')

  expect([...imported].filter((name) => !(name in dependencies) && !(name in peerDependencies))).toEqual([])
  expect(Object.keys(dependencies).filter((name) => !imported.has(name))).toEqual([])
})

test('publint finds nothing to say', async () => {
  const { messages, pkg } = await publint({ pkgDir: pack.folder, strict: true })

  expect(messages.map((message) => formatMessage(message, pkg as Record<string, unknown>))).toEqual([])
})

/** Returns true for a file of the bundle that only re-exports another one, and therefore has no source. */
function isPassage(code: string): boolean {
  return code.split('\n').every((line) => line.trim() === '' || /^(?:import|export) /.test(line))
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}
