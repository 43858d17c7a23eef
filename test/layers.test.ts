import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { storeNames } from '../src/marketplace/marketplace.js'
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
  inspector: ['kernel', 'marketplace', 'store', 'traffic', 'workspace'],
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
  'inspector/page': ['contract', 'control', 'faults', 'inspector', 'kernel', 'openapi', 'traffic'],
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
  client: ['contract', 'control', 'faults', 'kernel', 'marketplace', 'receipts', 'sandbox', 'traffic'],
  doctor: ['kernel', 'sandbox', 'store', 'tls'],
  cli: ['client', 'doctor', 'kernel', 'receipts', 'sandbox', 'seed', 'tls', 'traffic', 'workspace'],
  index: ['client', 'contract', 'kernel'],
  bin: ['cli'],
}

/** Files outside of `vendors` that contain the id of a vendor as a string, with the reason. */
const mayNameVendors: Readonly<Record<string, string>> = {
  'receipts/kinds.ts': 'one kind of receipt is called like its vendor',
  'receipts/ouya/messages.ts': 'one kind of receipt is called like its vendor',
  'receipts/presented.ts': 'one kind of receipt is called like its vendor',
  'openapi/control-examples.ts': 'examples are values of the default seed',
}

/** Short files with a single importer, by the reason why they are separate files. */
const mayBeShort: Readonly<Record<string, readonly string[]>> = {
  'its importer is in another folder': [
    'http/sockets/listen.ts',
    'http/sockets/listener.ts',
    'inspector/page-files.ts',
    'marketplace/fitting-actions.ts',
    'pki/authority-access.ts',
    'receipts/app-store/mint.ts',
    'seed/schema.ts',
  ],
  'one command of the program': ['cli/credentials.ts', 'cli/doctor.ts', 'cli/hosts.ts', 'cli/ready.ts', 'cli/state.ts'],
  'loaded by its command with import()': ['doctor/examine-all.ts'],
  'loaded by its vendor with import()': ['vendors/samsung/judge.ts', 'vendors/samsung/lifecycle.ts'],
  'calls of one subject of the control API': ['control/calls/vendor-calls.ts'],
  'the list of files of its folder': [
    'control/calls/index.ts',
    'vendors/google_play/routes.ts',
    'vendors/index.ts',
    'vendors/ouya/routes.ts',
  ],
  'the handler of one call, loaded when it is first made': [
    'vendors/app_store/access/answer.ts',
    'vendors/app_store/api/orders.ts',
    'vendors/app_store/api/subscriptions.ts',
    'vendors/app_store/minting/judge.ts',
    'vendors/app_store/notifications/send-any.ts',
    'vendors/app_store/notifications/test-notification.ts',
  ],
  'payloads and names of one kind': ['vendors/app_store/examples.ts', 'vendors/app_store/payloads/renewal.ts'],
  'a warning of its own, beside the refusals': ['vendors/gameofwhales/rounded.ts'],
  'functions of the manifest': [
    'vendors/app_store/credential.ts',
    'vendors/app_store/present.ts',
    'vendors/google_play/present.ts',
    'vendors/mbaasy/notifications/store-news.ts',
    'vendors/mbaasy/purchases/rows-written.ts',
    'vendors/samsung/present.ts',
  ],
  'loaded with import() when its vendor first needs it': ['vendors/google_play/access/push-token.ts'],
  'a rule of a vendor, without HTTP': [
    'vendors/app_store/chains/refusals.ts',
    'vendors/mbaasy/purchases/entitlements.ts',
    'vendors/ouya/receipt-list.ts',
  ],
  'examples for the documents, which change no reply': ['vendors/ouya/examples.ts'],
  'one format of the output': ['cli/curl-line.ts'],
  'a list of values, which takes longer to load from its package': ['marketplace/countries.ts'],
  'reads one format, without a connection': ['store/redis/address.ts'],
  'one part of the Redis store: its registration, its snapshots': ['store/redis/handshake.ts', 'store/redis/snapshots.ts'],
  'a router for Hono, which knows no vendor': ['http/mount-router.ts'],
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

test('no file outside of the vendors contains the id of a vendor, unless it is the name of a store', () => {
  const ids = Object.values(vendors).flatMap(({ id }) => ((storeNames as readonly string[]).includes(id) ? [] : [id]))
  const literal = new RegExp(`'(?:${ids.join('|')})'`)
  const found = files().filter((file) => folderOf(file) !== 'vendors' && literal.test(contentOf(file)))

  expect(found.sort()).toEqual(Object.keys(mayNameVendors).sort())
})

test('a file of under 60 lines with a single importer has a reason', () => {
  expect(Object.values(mayBeShort).flat().sort()).toEqual(shortFiles())
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
  // The manifest of a vendor is a file for itself, however short it is.
  const isManifest = (file: string) => /^vendors\/\w+\/index\.ts$/.test(file)
  return files()
    .filter(
      (file) =>
        !isManifest(file) &&
        !file.startsWith('inspector/page/') &&
        importers.get(file)?.size === 1 &&
        contentOf(file).split('\n').length <= 60,
    )
    .sort()
}

test('the timers are those of src/kernel/timers.ts, which tests with faked timers do not replace', () => {
  const uses = /(?<![.\w'"`])(?:(?:set|clear)(?:Timeout|Interval|Immediate)|queueMicrotask|performance\.now)\(/
  const withGlobals = files().filter((file) => {
    const code = contentOf(file)
    const isUsing = uses.test(code) && !code.includes("kernel/timers.js'")
    return !file.startsWith('inspector/page/') && (isUsing || code.includes('process.nextTick'))
  })

  expect(withGlobals).toEqual([])
})

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
