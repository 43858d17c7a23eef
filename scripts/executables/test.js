// `npm run test:executables`: starts each executable from an empty folder, without a Node on the PATH; that for Windows under Wine, where there is
// one. It builds them first, or takes those of the folder `--of`. It takes about a minute, so neither `npm test` nor continuous
// integration runs it; `npm run release` does.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions } from '../options.js'
import { journey, start } from '../journey.js'
import { endWine, findWine, windowsPath, wineEnvironment } from '../wine.js'
import { nodeBinary } from './node-binaries.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const example = join(root, 'test', 'examples', 'own-vendor')
const place = realpathSync(mkdtempSync(join(tmpdir(), 'coinslot-executables-test-')))
// Executables that were built already, or built here.
const { of } = readOptions(
  `Usage: npm run test:executables -- [--of FOLDER]
  --of  folder with executables that are built already`,
  {
    options: { of: { type: 'string' } },
  },
).values
const made = of ?? place
const wine = findWine()
const wineEnv = wineEnvironment(join(place, 'wine'))
process.once('exit', () => {
  if (wine !== undefined) endWine(wineEnv)
  rmSync(place, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

if (of === undefined) {
  await step('build', () => {
    for (const [script, ...args] of [
      ['../bootstrap.js', 'start', '--version'],
      ['build.js', '--out', made],
    ]) {
      const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args], {
        stdio: ['ignore', 2, 2],
      })
      if (status !== 0) process.exit(status ?? 1)
    }
  })
}
await step('checksums', () => {
  for (const line of readFileSync(join(made, 'SHA256SUMS'), 'utf8').trim().split('\n')) {
    const [sum, name] = line.split('  ')
    assert.equal(
      createHash('sha256')
        .update(readFileSync(join(made, name)))
        .digest('hex'),
      sum,
    )
  }
})

const linux = { command: [join(made, 'coinslot-linux-x64')], env: { PATH: '', HOME: place, TMPDIR: place } }
if (process.platform === 'linux' && process.arch === 'x64') {
  await tryOut('linux-x64', linux)
  await step('linux-x64: starts within 1.5 times the time of dist/bin.js', startsInTime)
}
if (wine === undefined) say('left out: win-x64, because Wine is missing')
else await tryOut('win-x64', { command: [wine, windowsPath(join(made, 'coinslot-win-x64.exe'))], env: wineEnv })

async function tryOut(platform, { command, env }) {
  const program = (name) => ({ command, env, folder: emptyFolder(`${platform} ${name}`) })
  await step(`${platform}: page, purchases, receipts and a restart from an empty folder`, () => journey(program('visit')))
  await step(`${platform}: metrics, and a vendor of your own`, () => tryOwnVendor(program('vendor')))
}

/** The vendor imports `coinslot`, which is nowhere but in the executable. */
async function tryOwnVendor(program) {
  for (const name of ['acme.ts', 'acme.seed.json']) copyFileSync(join(example, name), join(program.folder, name))
  writeFileSync(join(program.folder, 'package.json'), '{"type":"module"}')
  const running = await start(program, ['--memory', '--port', '0', '--vendor', './acme.ts', '--seed', 'acme.seed.json'])
  const body = JSON.stringify({ game: 'demo', secret: 'sesame', order: 'o-1', player: 'ann', cents: 499 })
  const bought = await fetch(`${running.url}/acme/purchases`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  assert.equal(bought.status, 201)
  assert.match(await (await fetch(`${running.url}/_sandbox/metrics`)).text(), /coinslot_/)
  await running.end()
}

/**
 * Compares the best of several starts, in turns. What counts is the time of the processor, because that of the clock depends on what else the
 * machine does.
 */
async function startsInTime() {
  const folder = emptyFolder('times')
  const bin = { command: [nodeBinary('linux-x64').node, join(root, 'dist', 'bin.js')], env: linux.env, folder }
  const times = { executable: [], bin: [] }
  for (let round = 0; round < 9; round += 1) {
    times.bin.push(await startTime(bin))
    times.executable.push(await startTime({ ...linux, folder }))
  }
  const best = (list, name) => Math.min(...list.map((one) => one[name]))
  const [executable, node] = [best(times.executable, 'processor'), best(times.bin, 'processor')]
  const clock = `by the clock ${best(times.executable, 'clock').toFixed(0)} and ${best(times.bin, 'clock').toFixed(0)} ms`
  say(`a start takes ${executable} ms of the processor, that of dist/bin.js ${node} ms; ${clock}`)
  assert.ok(executable < 1.5 * node)
}

async function startTime(program) {
  const since = performance.now()
  const running = await start(program, ['--memory', '--port', '0'])
  const clock = performance.now() - since
  // Fields 14 and 15 are the time in user and system mode, in hundredths of a second.
  const fields = readFileSync(`/proc/${running.pid}/stat`, 'utf8').split(' ')
  await running.end()
  return { clock, processor: 10 * (Number(fields[13]) + Number(fields[14])) }
}

function emptyFolder(name) {
  mkdirSync(join(place, name))
  return join(place, name)
}

async function step(title, work) {
  const since = performance.now()
  await work()
  say(`ok ${title} (${((performance.now() - since) / 1000).toFixed(1)} s)`)
}

function say(text) {
  process.stderr.write(`test:executables: ${text}\n`)
}
