import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRunning, type Running } from './a-running.js'
import { consumer } from './consumer.js'
import { root } from './packed.js'
import { nodeOf, run } from './run.js'

const example = join(root, 'test/examples/own-vendor')
const purchase = { game: 'demo', secret: 'sesame', order: 'o-1', player: 'ann', cents: 499 }
/** A project where coinslot is installed, with the example compiled to `acme.js`. */
let project: string

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'coinslot-own-vendor-'))
  symlinkSync(join(await consumer(), 'node_modules'), join(project, 'node_modules'), 'junction')
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
  copyFileSync(join(example, 'acme.ts'), join(project, 'acme.ts'))
  const tsc = [join(root, 'node_modules/typescript/bin/tsc'), '--module', 'nodenext', '--target', 'es2022', '--strict', '--skipLibCheck']
  const compiled = await run('node', [...tsc, '--types', 'node', 'acme.ts'], { cwd: project })
  if (compiled.code !== 0) throw new Error(compiled.stdout)
}, 300_000)
afterAll(() => rmSync(project, { recursive: true, force: true }))

describe('a vendor of your own', () => {
  let sandbox: Running
  beforeAll(async () => {
    sandbox = await aRunning(project, ['--vendor', './acme.js', '--seed', join(example, 'acme.seed.json')])
  })
  afterAll(() => sandbox.end())

  test('is reached by prefix and by Host, records in its tables and explains itself', async () => {
    const first = await post(`${sandbox.url}/acme/purchases`, purchase)
    const second = await post(`${sandbox.url}/purchases`, purchase, { host: 'api.acme.test' })
    const rows = await get(`${sandbox.url}/_sandbox/tables/acme/purchases`)
    const entry = await get(`${sandbox.url}/_sandbox/traffic/${first.headers['x-sandbox-request']}`)

    expect([first.status, second.status]).toEqual([201, 200])
    expect(rows).toMatchObject({ total: 1, rows: [{ key: 'demo:o-1', row: { cents: 499 } }] })
    expect(entry).toMatchObject({ vendor: 'acme', outcome: 'recorded', explanation: 'Player ann paid 499 cents; recorded as order o-1.' })
  })

  test('answers in its own words where no route does, and refuses what its shapes refuse', async () => {
    const unknown = await post(`${sandbox.url}/acme/nothing`, {})
    const invalid = await post(`${sandbox.url}/acme/purchases`, { ...purchase, cents: 0 })

    expect([unknown.status, JSON.parse(unknown.text)]).toEqual([404, { error: 'not-found' }])
    expect([invalid.status, JSON.parse(invalid.text)]).toEqual([422, { error: 'invalid' }])
  })

  test('is seeded with checked rows', async () => {
    const wrong = await post(`${sandbox.url}/_sandbox/seed`, { acme: { games: [{ game: 'x', sekret: 'y' }] } })
    const right = await post(`${sandbox.url}/_sandbox/seed`, { acme: { games: [{ game: 'x', secret: 'y' }] } })

    expect([wrong.status, right.status]).toEqual([422, 200])
    expect(wrong.text).toContain('/acme/games/0')
  })

  test('takes faults by the names of its replies', async () => {
    const fault = await post(`${sandbox.url}/_sandbox/faults`, {
      match: { vendor: 'acme' },
      effect: { kind: 'reply', name: 'busy' },
      times: 1,
    })
    const busy = await post(`${sandbox.url}/acme/purchases`, { ...purchase, order: 'o-2' })

    expect([fault.status, busy.status]).toEqual([201, 503])
    expect(JSON.parse(busy.text)).toEqual({ error: 'busy' })
  })

  test('is in OpenAPI, in the list of vendors and on a page', async () => {
    const document = (await get(`${sandbox.url}/_sandbox/openapi.json`)) as { paths: Record<string, unknown> }
    const vendor = await get(`${sandbox.url}/_sandbox/vendors/acme`)
    const page = await fetch(`${sandbox.url}/_sandbox/docs`)

    expect(Object.keys(document.paths)).toContain('/acme/purchases')
    expect(vendor).toMatchObject({
      id: 'acme',
      outcomes: expect.arrayContaining(['recorded', 'repeated', 'invalid', 'unauthenticated', 'not-found']) as string[],
    })
    expect(await page.text()).toContain('/acme/purchases')
  })
})

test('a seed of your own vendor is checked offline', async () => {
  const without = await coinslot(['seed', '--check', join(example, 'acme.seed.json')])
  const together = await coinslot(['seed', '--check', '--vendor', './acme.js', join(example, 'acme.seed.json')])

  expect([without.code, together.code]).toEqual([1, 0])
  expect(together.stdout).toContain('acme.seed.json: valid: 1 row in 1 table')
})

test('a vendor comes from a package, too', async () => {
  const other = join(project, 'with-package')
  const installed = join(other, 'node_modules/acme-for-coinslot')
  mkdirSync(installed, { recursive: true })
  symlinkSync(join(project, 'node_modules/coinslot'), join(other, 'node_modules/coinslot'), 'junction')
  copyFileSync(join(project, 'acme.js'), join(installed, 'index.js'))
  copyFileSync(join(project, 'package.json'), join(other, 'package.json'))
  writeFileSync(join(installed, 'package.json'), '{"name":"acme-for-coinslot","type":"module","exports":"./index.js"}')
  const sandbox = await aRunning(other, ['--vendor', 'acme-for-coinslot'])

  const health = await get(`${sandbox.url}/_sandbox/health`)
  await sandbox.end()

  expect(health).toMatchObject({ vendors: expect.arrayContaining(['acme', 'teak']) as string[] })
})

test('TypeScript is loaded as it is from Node 22.18 on, and refused with advice before', async () => {
  const sandbox = await aRunning(project, ['--vendor', './acme.ts'], nodeOf(24))
  const health = await get(`${sandbox.url}/_sandbox/health`)
  await sandbox.end()
  const old = await coinslot(['--memory', '--port', '0', '--vendor', './acme.ts'], nodeOf(20))

  expect(health).toMatchObject({ vendors: expect.arrayContaining(['acme']) as string[] })
  expect(old.code).toBe(1)
  expect(old.stderr).toMatch(/--vendor \.\/acme\.ts: .*TypeScript files load from Node 22\.18 on; this is Node 20\./)
}, 240_000)

test.each([
  ['a file that is not there', './nowhere.js', undefined, /nowhere\.js/],
  ['a package that is not there', 'no-such-package-here', undefined, /no-such-package-here.*\.\/no-such-package-here/s],
  ['a file that exports no vendor', './none.js', 'export const answer = 42', /exports answer; export a value of defineVendor/],
  ['a file with a mistake', './typo.js', 'export const a = 1\nexport const acme = {', /typo\.js: Unexpected end of input at line 2\./],
  ['a vendor without failureReply', './mute.js', mute('delete acme.failureReply'), /export "acme":\n {2}failureReply must be a function/],
  ['a vendor that clashes', './clash.js', mute("acme.id = 'teak'"), /teak shares its id, a host or a path with teak; give it others/],
])('%s is told with what to do', async (_what, source, text, said) => {
  if (text !== undefined) writeFileSync(join(project, source), text)

  const done = await coinslot(['--memory', '--port', '0', '--vendor', source])

  expect(done.code).toBe(1)
  expect(done.stdout).toBe('')
  expect(done.stderr).toMatch(said)
  expect(done.stderr).not.toContain('    at ')
})

function mute(change: string): string {
  return `import { acme as whole } from './acme.js'\nexport const acme = { ...whole }\n${change}\n`
}

function coinslot(args: readonly string[], node?: string) {
  return run('node', ['node_modules/coinslot/dist/bin.js', ...args], { cwd: project, node })
}

interface Answer {
  status: number
  headers: Record<string, string>
  text: string
}

/** With node:http, as fetch sends no Host of one's choosing. */
function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers as Record<string, string>, text }))
    })
    sent.once('error', reject)
    sent.end(JSON.stringify(body))
  })
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url)).json()
}
