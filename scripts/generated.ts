// Writes the files that follow from the code: tables of the README and of docs, a page per vendor, the JSON Schema of seeds, the licences.
// With --check it only compares.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { anchorOf, codes, markdownTable, vendorPage } from '../src/openapi/vendor-page.js'
import type { Vendor } from '../src/contract.js'
import { packagedVendors } from '../src/sandbox/roster.js'
import { seedSchema } from '../src/seed/schema.js'
import { visibleTables } from '../src/workspace/tables.js'
import { licencesPage } from './licences.js'
import { readOptions } from './options.js'

const root = new URL('../', import.meta.url)
const { check: isCheck } = readOptions(
  `Usage: npm run generate -- [--check]
  --check  only compare, and fail if a file is out of date`,
  {
    options: { check: { type: 'boolean', default: false } },
  },
).values
const stale: string[] = []

writeBlocks('README.md', { modelled: modelledTable() })
writeBlocks('docs/calls.md', { coverage: coverageTable(), 'not-modelled': notModelledList() })
writeBlocks('docs/app-store.md', { clients: clientTable('test/vendors/app_store', 'test/receipts') })
writeBlocks('docs/stores.md', { clients: clientTable('test/vendors/google_play') })
writeBlocks('docs/devices.md', { vendors: vendorTable() })
write('fixtures/seed.schema.json', `${JSON.stringify(seedSchema(visibleTables(packagedVendors)), null, 2)}\n`)
const seeded = seededRows()
for (const vendor of packagedVendors) write(pageOf(vendor), vendorPage(vendor, seeded))
removeOthers('docs/vendors/')
write('docs/licences.md', licencesPage())

if (stale.length > 0) {
  process.stderr.write(`Out of date: ${stale.join(', ')}. Run "npm run generate" and commit the result.\n`)
  process.exitCode = 1
}

function writeBlocks(file: string, blocks: Readonly<Record<string, string>>): void {
  write(
    file,
    Object.entries(blocks).reduce((text, [name, content]) => withBlock(text, { file, name, content }), read(file)),
  )
}

/** One row per vendor: its prefix, its calls with their evidence, and its tables. */
function modelledTable(): string {
  const rows = packagedVendors.map((vendor) => [
    `[${vendor.title}](${pageOf(vendor)})`,
    `\`/${vendor.id}\``,
    String(vendor.routes.length),
    gradesOf(vendor),
    Object.keys(vendor.tables).length.toString(),
  ])
  return markdownTable(['vendor', 'prefix', 'calls', 'evidence', 'tables'], rows)
}

/** The features of each vendor that are not modelled. */
function notModelledList(): string {
  return packagedVendors
    .map(({ title, notModelled = [] }) => [`- **${title}**`, ...notModelled.map((one) => `  - ${one}`)].join('\n'))
    .join('\n')
}

/** Number of calls of each level of evidence, the largest first. */
function gradesOf({ routes }: Vendor): string {
  const counts = new Map<string, number>()
  for (const { evidence } of routes) counts.set(evidence.level, (counts.get(evidence.level) ?? 0) + 1)
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([level, count]) => `${count} ${level}`)
    .join(', ')
}

/** The client libraries that the tests of these folders run: a row for each comment `// client: package | how | trust` above a test. */
function clientTable(...folders: string[]): string {
  const rows = folders.flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .filter((name) => name.endsWith('.test.ts'))
      .flatMap((name) =>
        [...read(`${folder}/${name}`).matchAll(/^ *\/\/ client: (\S+) \| (.+) \| (.+)$/gm)].map(([, client, how, trust]) => {
          const { name: packageName, version } = JSON.parse(read(`node_modules/${client}/package.json`)) as Record<string, string>
          return [`\`${packageName}\` ${version}`, how!, trust!, `[${name}](../${folder}/${name})`]
        }),
      ),
  )
  return markdownTable(['client', 'how it reaches the sandbox', 'what it needs or trusts', 'test'], rows)
}

/** Every call with its evidence and a link to its section on the page of its vendor. */
function coverageTable(): string {
  const rows = packagedVendors.flatMap((vendor) =>
    vendor.routes.map(({ method, path, summary, evidence }) => {
      const heading = `${method} ${path}`
      const gaps = evidence.gaps.length
      return [
        vendor.title,
        `[\`${heading}\`](vendors/${vendor.id}.md#${anchorOf(heading)})`,
        summary,
        evidence.level,
        gaps === 0 ? 'none known' : String(gaps),
      ]
    }),
  )
  return markdownTable(['vendor', 'call', 'what it does', 'evidence', 'known gaps'], rows)
}

function vendorTable(): string {
  const rows = packagedVendors.map(({ id, title, hosts, ports }) => [title, `\`/${id}\``, codes(hosts), ports.join(', ')])
  return markdownTable(['vendor', 'prefix', 'host names', 'ports'], rows)
}

function pageOf({ id }: Vendor): string {
  return `docs/vendors/${id}.md`
}

function seededRows(): Map<string, number> {
  const seed = JSON.parse(read('fixtures/default.json')) as Record<string, Record<string, unknown[]>>
  const tables = Object.entries(seed).filter(([, value]) => typeof value === 'object')
  return new Map(tables.flatMap(([vendor, own]) => Object.entries(own).map(([name, rows]) => [`${vendor}.${name}`, rows.length])))
}

function withBlock(text: string, { file, name, content }: { file: string; name: string; content: string }): string {
  const [begin, end] = [`<!-- generated: ${name} -->`, '<!-- end generated -->']
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`${file} has no block "${name}".`)
  return `${text.slice(0, from)}${begin}\n${content}\n${text.slice(to)}`
}

function read(name: string): string {
  try {
    return readFileSync(pathOf(name), 'utf8')
  } catch {
    // A file that is not there yet is out of date like any other.
    return ''
  }
}

function write(name: string, content: string): void {
  if (read(name) === content) return
  if (isCheck) stale.push(name)
  else writeFileSync(pathOf(name), content)
}

/** Removes the pages of vendors that the roster does not have. */
function removeOthers(folder: string): void {
  const pages = packagedVendors.map(pageOf)
  for (const name of readdirSync(pathOf(folder)).map((file) => folder + file)) {
    if (pages.includes(name)) continue
    if (isCheck) stale.push(name)
    else rmSync(pathOf(name))
  }
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, root))
}
