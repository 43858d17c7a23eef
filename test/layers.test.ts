import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import * as vendors from '../src/vendors/index.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const source = join(root, 'src')

/** Each folder or single file of `src` with the others that it may import; imports of types count. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  pki: ['kernel'],
  store: ['kernel'],
  marketplace: ['kernel'],
  receipts: ['kernel', 'pki'],
  contract: ['kernel', 'marketplace', 'receipts'],
  vendors: ['contract', 'kernel', 'marketplace', 'pki', 'receipts'],
  'own-vendors': ['contract', 'kernel'],
  traffic: ['contract', 'kernel', 'store'],
  workspace: ['contract', 'kernel', 'marketplace', 'receipts', 'store', 'traffic'],
  schedule: ['contract', 'kernel', 'receipts', 'store', 'workspace'],
  faults: ['contract', 'kernel', 'store', 'traffic', 'workspace'],
  tls: ['kernel', 'pki'],
  dns: ['kernel'],
  http: ['contract', 'faults', 'kernel', 'receipts', 'store', 'tls', 'traffic', 'workspace'],
  seed: ['contract', 'faults', 'kernel', 'marketplace', 'store', 'workspace'],
  openapi: ['contract', 'kernel'],
  inspector: ['kernel', 'store', 'traffic', 'workspace'],
  control: [
    'contract',
    'faults',
    'http',
    'inspector',
    'kernel',
    'marketplace',
    'openapi',
    'pki',
    'receipts',
    'schedule',
    'seed',
    'store',
    'tls',
    'traffic',
    'workspace',
  ],
  'inspector/page': ['contract', 'control', 'faults', 'inspector', 'openapi', 'traffic'],
  sandbox: [
    'contract',
    'control',
    'dns',
    'http',
    'kernel',
    'own-vendors',
    'receipts',
    'schedule',
    'seed',
    'store',
    'tls',
    'traffic',
    'vendors',
    'workspace',
  ],
  client: ['contract', 'kernel', 'marketplace', 'sandbox'],
  doctor: ['kernel', 'sandbox', 'store', 'tls'],
  cli: ['client', 'doctor', 'kernel', 'receipts', 'sandbox', 'seed', 'tls', 'traffic', 'workspace'],
  index: ['client', 'contract', 'kernel'],
  bin: ['cli'],
}

/** Files outside of `vendors` that contain the id of a vendor as a string, with the reason. */
const mayNameVendors: Readonly<Record<string, string>> = {
  'receipts/kinds.ts': 'one kind of receipt is called like its vendor',
  'receipts/ouya/index.ts': 'one kind of receipt is called like its vendor',
  'receipts/presented.ts': 'one kind of receipt is called like its vendor',
  'openapi/control-examples.ts': 'examples are values of the default seed',
}

/** Short files with a single importer, or folders of them, with the reason why they are separate files. */
const mayBeShort: Readonly<Record<string, string>> = {
  'cli/': 'one file for each command',
  'control/calls/': 'one file for each subject of the API',
  'doctor/': 'one file for each subject that is checked',
  'store/redis/': 'one file for each part of the protocol, loaded only with --store',
  'vendors/': 'the same files in every vendor',
  'client/remote-target.ts': 'loaded only for a remote sandbox',
  'faults/draw.ts': 'the draw of a probability',
  'faults/profiles.ts': 'imported by another folder',
  'faults/replies.ts': 'the sandbox’s replies of faults',
  'http/declared-outcomes.ts': 'the check of outcomes, apart from the path of requests',
  'http/sockets/listen.ts': 'imported by another folder',
  'inspector/page-files.ts': 'imported by another folder',
  'kernel/blocked-ports.ts': 'imported by another folder',
  'kernel/nearest.ts': 'imported by another folder',
  'marketplace/actions.ts': 'imported by another folder',
  'openapi/example-request.ts': 'tested on its own',
  'pki/keys.ts': 'lists what receipts may use',
  'receipts/app-store/mint.ts': 'imported by another folder',
  'receipts/ouya/request.ts': 'one of two directions of the envelope',
  'receipts/ouya/response.ts': 'one of two directions of the envelope',
  'seed/schema.ts': 'imported by another folder',
  'traffic/analysis/coverage.ts': 'imported by another folder',
  'traffic/entry-text.ts': 'tested on its own',
  'workspace/shared-ids.ts': 'used only with a shared store',
  'workspace/starts.ts': 'counts starts for the ids of requests',
  'workspace/vendor-tables.ts': 'turns rows into the tables of the contract',
}

test('code imports other code as the layers allow, without a circle, and the documents list the same layers', () => {
  const wrong = imports().filter(({ from, to }) => from !== to && !mayImport[from]?.includes(to))
  const unused = Object.entries(mayImport).flatMap(([from, targets]) =>
    targets.filter((to) => !imports().some((one) => one.from === from && one.to === to)).map((to) => `${from} -> ${to}`),
  )

  expect([...new Set(files().map(folderOf))].sort()).toEqual(Object.keys(mayImport).sort())
  expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([])
  expect(unused).toEqual([])
  expect(foldersInCircles()).toEqual([])
  expect(documentedLayers()).toEqual(Object.fromEntries(Object.entries(mayImport).map(([folder, targets]) => [folder, targets.join(', ')])))
})

test('a vendor imports no other vendor, and only the roster imports vendors', () => {
  const between = imports().filter(
    ({ file, target, from, to }) =>
      from === 'vendors' && to === 'vendors' && file !== 'vendors/index.ts' && file.split('/')[1] !== target.split('/')[1],
  )
  const readers = imports().filter(({ from, to }) => to === 'vendors' && from !== 'vendors')

  expect(between).toEqual([])
  expect([...new Set(readers.map(({ file }) => file))]).toEqual(['sandbox/roster.ts'])
})

test('no file outside of the vendors contains the id of a vendor', () => {
  const ids = Object.values(vendors).map(({ id }) => id)
  const literal = new RegExp(`'(?:${ids.join('|')})'`)
  const found = files().filter((file) => folderOf(file) !== 'vendors' && literal.test(contentOf(file)))

  expect(found.sort()).toEqual(Object.keys(mayNameVendors).sort())
})

test('a file of under 60 lines with a single importer has a reason', () => {
  const allowed = Object.keys(mayBeShort)
  const covers = (entry: string, file: string) => (entry.endsWith('/') ? file.startsWith(entry) : file === entry)

  expect(shortFiles().filter((file) => !allowed.some((entry) => covers(entry, file)))).toEqual([])
  expect(allowed.filter((entry) => !shortFiles().some((file) => covers(entry, file)))).toEqual([])
})

interface Import {
  /** Importing file and imported file, below `src`. */
  file: string
  target: string
  /** Their folders. */
  from: string
  to: string
}

let found: Import[] | undefined

function imports(): Import[] {
  found ??= files().flatMap((file) =>
    [...contentOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) => {
      const target = below(join(source, dirname(file), path!)).replace(/\.js$/, '.ts')
      return { file, target, from: folderOf(file), to: folderOf(target) }
    }),
  )
  return found
}

function shortFiles(): string[] {
  const importers = new Map<string, Set<string>>()
  for (const { file, target } of imports()) {
    for (const name of [target, `${target}x`]) importers.set(name, (importers.get(name) ?? new Set()).add(file))
  }
  return files()
    .filter((file) => !file.startsWith('inspector/page/') && importers.get(file)?.size === 1 && contentOf(file).split('\n').length <= 60)
    .sort()
}

function foldersInCircles(): string[] {
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (mayImport[from] ?? []).some((next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))))
  return Object.keys(mayImport).filter((folder) => reaches(folder, folder))
}

/** The table of docs/contributing.md: folder, content, imports. */
function documentedLayers(): Record<string, string> {
  const page = readFileSync(join(root, 'docs/contributing.md'), 'utf8')
  const table = page.slice(page.indexOf('| folder | holds | may import |')).split('\n\n')[0]!
  const rows = table.split('\n').slice(2)
  return Object.fromEntries(
    rows.map((row) => {
      const [, folder = '', , targets = ''] = row.split('|').map((cell) => cell.trim().replaceAll('`', ''))
      return [folder, targets]
    }),
  )
}

function folderOf(file: string): string {
  return file.startsWith('inspector/page/') ? 'inspector/page' : file.split('/')[0]!.replace(/\.tsx?$/, '')
}

function contentOf(file: string): string {
  return readFileSync(join(source, file), 'utf8')
}

function files(): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => file.split(sep).join('/'))
}

function below(path: string): string {
  return relative(source, path).split(sep).join('/')
}
