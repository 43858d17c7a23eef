// Writes what is made from the code: the README's tables and the JSON Schema beside the default seed. With --check it only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { packagedVendors } from '../src/roster.js'
import { seedSchema } from '../src/seed/schema.js'
import { visibleTables } from '../src/workspace/visible-tables.js'

const root = new URL('../', import.meta.url)
const isCheck = process.argv.includes('--check')
const stale: string[] = []

const readme = readFileSync(new URL('README.md', root), 'utf8')
write('README.md', withBlock(withBlock(readme, 'coverage', coverageTable()), 'vendors', vendorTable()))
write('fixtures/seed.schema.json', `${JSON.stringify(seedSchema(visibleTables(packagedVendors)), null, 2)}\n`)

if (stale.length > 0) {
  process.stderr.write(`Out of date: ${stale.join(', ')}. Run "npm run generate" and commit the result.\n`)
  process.exitCode = 1
}

/** What is modelled, how well it is known, and what differs. */
function coverageTable(): string {
  const rows = packagedVendors.flatMap(({ title, routes }) =>
    routes.map(({ method, path, summary, evidence }) => `| ${title} | \`${method} ${path}\` | ${summary} | ${evidence.level} | ${evidence.gaps.join('; ') || 'none known'} |`),
  )
  return ['| vendor | call | what it does | evidence | known gaps |', '|---|---|---|---|---|', ...rows].join('\n')
}

function vendorTable(): string {
  const rows = packagedVendors.map(
    ({ id, title, hosts, ports, routes }) => `| ${title} | \`/${id}\` | ${hosts.map((host) => `\`${host}\``).join(', ')} | ${ports.join(', ')} | ${routes.length} |`,
  )
  return ['| vendor | prefix | host names | ports | calls |', '|---|---|---|---|---|', ...rows].join('\n')
}

function withBlock(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- generated: ${name} -->`, '<!-- end generated -->']
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`README.md has no block "${name}".`)
  return `${text.slice(0, from)}${begin}\n${content}\n${text.slice(to)}`
}

function write(name: string, content: string): void {
  const path = fileURLToPath(new URL(name, root))
  let current = ''
  try {
    current = readFileSync(path, 'utf8')
  } catch {
    // A file that is not there yet is out of date like any other.
  }
  if (current === content) return
  if (isCheck) stale.push(name)
  else writeFileSync(path, content)
}
