// `npm run new-vendor -- acme [--title "Acme Games"] [--host api.acme.test]`: writes a vendor that compiles, with its exchange, seed, test and
// line in the roster. The calls are made up and meant to be replaced step by step; the suite passes at every step.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions, refuseOptions } from './options.js'
import { applyEdits, modify } from 'jsonc-parser'

const root = fileURLToPath(new URL('../', import.meta.url))
const templates = new URL('./new-vendor/vendor/', import.meta.url)

const usage = `Usage: npm run new-vendor -- ID [--title TITLE] [--host HOST]
  ID       lower-case letters and digits, such as acme
  --title  name for people (default: the id with a capital letter)
  --host   host name of its API (default: api.ID.test)`
const { values, positionals } = readOptions(usage, {
  allowPositionals: true,
  options: { title: { type: 'string' }, host: { type: 'string' } },
})
if (positionals.length !== 1) refuseOptions(`One id is needed, not ${positionals.length}.`, usage)
const [id = ''] = positionals
if (!/^[a-z][a-z0-9]{0,30}$/.test(id))
  fail(`Invalid id "${id}". Use lower-case letters and digits, starting with a letter: npm run new-vendor -- acme`)
if (existsSync(join(root, 'src/vendors', id))) fail(`src/vendors/${id} exists. Choose another id, or edit that vendor.`)
if (['marketplace', 'faults', 'clock', 'upstreams', 'sandbox', 'registry'].includes(id))
  fail(`"${id}" has another meaning in a seed. Choose another id.`)
const words = { id, title: values.title ?? `${id[0]!.toUpperCase()}${id.slice(1)}`, host: values.host ?? `api.${id}.test` }

for (const name of ['index', 'tables', 'purchase', 'replies']) write(`src/vendors/${id}/${name}.ts`, `${name}.ts.txt`)
write(`test/vendors/${id}/purchase.test.ts`, 'test.ts.txt')
write(`fixtures/${id}/exchanges/purchase.json`, 'exchange.json.txt')
addLine('src/vendors/index.ts', `export { ${id} } from './${id}/index.js'\n`)
addSeed('fixtures/default.json', { games: [{ gameId: 'sandbox-game', secret: 'server-secret' }] })
run('oxfmt', [`src/vendors/${id}`, `test/vendors/${id}`])
run('tsx', ['scripts/generated.ts'])

process.stdout
  .write(`Written: src/vendors/${id}, test/vendors/${id}, fixtures/${id}, a line in src/vendors/index.ts, a member of fixtures/default.json.
Next: npx vitest run --project own test/contract.test.ts test/vendors/${id}
Then replace the made-up call in src/vendors/${id}/purchase.ts by the vendor's own.
`)

function write(file: string, template: string): void {
  const text = readFileSync(new URL(template, templates), 'utf8').replaceAll(
    /\{\{(\w+)\}\}/g,
    (_all, name: keyof typeof words) => words[name],
  )
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

function addLine(file: string, line: string): void {
  writeFileSync(join(root, file), readFileSync(join(root, file), 'utf8') + line)
}

function addSeed(file: string, tables: unknown): void {
  const text = readFileSync(join(root, file), 'utf8')
  const edits = modify(text, [id], tables, { formattingOptions: { insertSpaces: true, tabSize: 2 } })
  writeFileSync(join(root, file), applyEdits(text, edits))
}

function run(command: string, args: readonly string[]): void {
  const done = spawnSync('npx', ['--no-install', command, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (done.status !== 0) fail(`${command} failed. The files above are written; fix the cause and run it again.`)
}

function fail(what: string): never {
  process.stderr.write(`new-vendor: ${what}\n`)
  process.exit(1)
}
