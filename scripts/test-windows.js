// `npm run test:windows`: the built program with Windows' own Node under Wine, in a folder with blanks, `#` and `%`. Wine lets two processes
// listen on one named pipe, so it cannot show that a second sandbox on a data directory is refused.
// --if-possible leaves it out where Wine or Node for Windows cannot be had.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeBinary } from './executables/node-binaries.js'
import { journey, run, start } from './journey.js'
import { readOptions } from './options.js'
import { npmCommand } from './npm.js'
import { endWine, findWine, windowsPath, wineEnvironment } from './wine.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = readOptions(
  `Usage: npm run test:windows -- [--if-possible]
  --if-possible  leave it out where Wine or Node for Windows cannot be had`,
  {
    options: { 'if-possible': { type: 'boolean', default: false } },
  },
)
const isOptional = values['if-possible']

const wine = findWine()
if (wine === undefined) leaveOut('Wine is missing (Debian: apt-get install wine64)')
// Builds what has changed, so that the stamps below fit.
const built = spawnSync(process.execPath, [join(root, 'scripts', 'bootstrap.js'), 'start', '--version'], { stdio: ['ignore', 2, 2] })
if (built.status !== 0) process.exit(built.status ?? 1)

// After the installation of packages, which empties the folder that Node for Windows is kept in.
let windowsNode
try {
  windowsNode = nodeBinary('win-x64').node
} catch (error) {
  leaveOut(`Node for Windows cannot be fetched: ${error.message}`)
}

const place = realpathSync(mkdtempSync(join(tmpdir(), 'coinslot-windows-')))
const programs = join(place, 'Program Files', 'nodejs')
const env = wineEnvironment(join(place, 'wine'), windowsPath(programs))
const began = performance.now()
process.once('exit', () => {
  endWine(env)
  rmSync(place, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

installNode()
const isRunning = spawnSync(wine, [windowsNode, '--version'], { env, stdio: 'ignore', timeout: 120_000 }).status === 0
if (!isRunning) leaveOut(`Node for Windows does not start under ${wine}`)
const checkout = copyCheckout(join(place, 'check out#1 %41'))
const node = [wine, windowsPath(join(programs, 'node.exe'))]
const coinslot = [...node, windowsPath(join(checkout, 'dist', 'bin.js'))]
const folder = (name) => (mkdirSync(join(place, name)), join(place, name))

await step('a purchase, a refused one, receipts, and a restart, below paths with blanks, # and %', () =>
  journey({ command: coinslot, folder: folder('work #1 %41'), env }),
)
await step('npm start', async () => {
  const running = await start({ command: [wine, 'cmd', '/c', 'npm'], folder: checkout, env }, ['start', '--', '--port', '0', '--memory'])
  assert.equal((await fetch(`${running.url}/_sandbox/health`)).status, 200)
  await running.end()
  endWine(env)
})
await step('exec -- npm test', async () => {
  const project = folder('pro ject')
  const write = `(r) => require('fs').writeFileSync('seen', process.argv[2] + ' ' + r.resume().statusCode)`
  const test = `require('http').get(process.env.COINSLOT_URL + '/_sandbox/health', ${write})`
  writeFileSync(join(project, 'test.js'), test)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ scripts: { test: 'node test.js' } }))
  await run({ command: coinslot, folder: project, env }, ['exec', '--memory', '--', 'npm', 'test', '--silent', '--', 'a b'])
  assert.match(readFileSync(join(project, 'seen'), 'utf8'), /^a b 200$/)
})
await step('the line of mint --as curl is read by cmd as it was meant', async () => {
  const project = folder('curl')
  const line = (await run({ command: coinslot, folder: project, env }, ['mint', 'google_play', '--for', 'mbaasy', '--as', 'curl'])).trim()
  writeFileSync(join(project, 'words.cjs'), `require('fs').writeFileSync('words', JSON.stringify(process.argv.slice(2)))`)
  writeFileSync(join(project, 'line.bat'), `@${line.replace(/^curl\.exe/, 'node words.cjs')}\r\n`)
  await run({ command: [wine, 'cmd', '/c', 'line.bat'], folder: project, env }, [])
  const words = JSON.parse(readFileSync(join(project, 'words'), 'utf8'))
  assert.deepEqual(words.slice(0, 2), ['-i', 'http://127.0.0.1:4010/mbaasy/client/google_play/purchase_orders'])
  assert.ok(JSON.parse(JSON.parse(words.at(-1)).purchase_data).purchaseToken)
})
if (spawnSync('git', ['-C', root, 'rev-parse', 'HEAD']).status === 0)
  await step('a checkout with core.autocrlf has line feeds', checkLineFeeds)
say(`all right under Wine, ${seconds(began)}`)

/** Puts Node and npm into a folder as their installer does. */
function installNode() {
  const [, script] = npmCommand()
  const npm = realpathSync(dirname(dirname(script ?? realpathSync(spawnSync('which', ['npm'], { encoding: 'utf8' }).stdout.trim()))))
  mkdirSync(join(programs, 'node_modules'), { recursive: true })
  symlinkSync(windowsNode, join(programs, 'node.exe'))
  cpSync(npm, join(programs, 'node_modules', 'npm'), { recursive: true })
  for (const name of ['npm.cmd', 'npx.cmd']) cpSync(join(npm, 'bin', name), join(programs, name))
}

/** Copies what a start needs. The packages are those of this system: none that a started sandbox loads is made for one system. */
function copyCheckout(target) {
  const names = [
    'src',
    'scripts',
    'dist',
    'fixtures',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'vite.config.ts',
  ]
  for (const name of names) cpSync(join(root, name), join(target, name), { recursive: true })
  symlinkSync(realpathSync(join(root, 'node_modules')), join(target, 'node_modules'))
  return target
}

function checkLineFeeds() {
  const clone = join(place, 'clone')
  const git = (...args) => {
    const { status, stdout, stderr } = spawnSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 26 })
    assert.equal(status, 0, stderr)
    return stdout
  }
  git('clone', '--quiet', '--depth', '1', '--config', 'core.autocrlf=true', `file://${root}`, clone)
  assert.deepEqual(
    git('-C', clone, 'ls-files', '--eol')
      .split('\n')
      .filter((line) => / w\/(crlf|mixed) /.test(line)),
    [],
  )
}

async function step(title, work) {
  const since = performance.now()
  await work()
  say(`ok ${title} (${seconds(since)})`)
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

function leaveOut(why) {
  say(`left out: ${why}`)
  process.exit(isOptional ? 0 : 1)
}

function say(text) {
  process.stderr.write(`test:windows: ${text}\n`)
}
