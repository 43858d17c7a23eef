// Runs the examples of the README in their order in an empty folder: every block marked <!-- run … -->. It stops at the first command
// that fails. Usage: node scripts/follow-readme.js --package coinslot-0.1.0.tgz [--folder DIR with the package installed]
// [--npx all|first|none]
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { package: { type: 'string' }, folder: { type: 'string' }, readme: { type: 'string' }, npx: { type: 'string', default: 'all' } },
})
const readme = readFileSync(values.readme ?? new URL('../README.md', import.meta.url), 'utf8')
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'coinslot-readme-'))
const address = `http://127.0.0.1:${await freePort()}`
const receiver = await freePort()
const statuses = []
/** Programs that run in the background until the end. */
const running = []

try {
  prepareProject()
  for (const { kind, name, text } of blocksOf(readme)) await follow(kind, inPlace(text), name)
  process.stdout.write(`followed on Node ${process.versions.node}; answers: ${statuses.join(' ')}\n`)
} catch (error) {
  process.stderr.write(`follow-readme: ${error.message}\n`)
  process.exitCode = 1
} finally {
  await stop()
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
}

/** An example with the address of this run. */
function inPlace(text) {
  return withNpx(text.replaceAll('http://127.0.0.1:4010', address).replaceAll('4020', String(receiver)))
}

/**
 * npx takes longer to start than the command. With `--npx first` it starts the first command of each block and those with a quoted
 * argument, because it hands its arguments to a shell; with `--npx none` no command. The others are started by the file that npx finds.
 */
function withNpx(text) {
  if (values.npx === 'all') return text
  let isFirst = values.npx === 'first'
  const lines = text.split('\n').map((line) => {
    if (!line.includes('npx coinslot')) return line
    const keepsNpx = values.npx === 'first' && (isFirst || /npx coinslot [^#]*['"]/.test(line))
    isFirst = false
    return keepsNpx ? line : line.replaceAll('npx coinslot', 'node_modules/.bin/coinslot')
  })
  return lines.join('\n')
}

/** Marked blocks of shell lines, modules and files. */
function blocksOf(markdown) {
  const marked = markdown.matchAll(/<!-- run(?:: (\w+)(?: (\S+))?)? -->\n```(?:sh|ts|js|json)\n(.*?)```/gs)
  return [...marked].map(([, kind = 'shell', name, text]) => ({ kind, name, text }))
}

async function follow(kind, text, name) {
  switch (kind) {
    case 'install':
      if (existsSync(join(folder, 'node_modules/coinslot'))) return
      if (values.package === undefined) throw new Error('--package FILE is needed where coinslot is not installed yet.')
      return shell(text.replace(/\bcoinslot\b/, `'${resolve(values.package)}'`))
    case 'background':
      return start(text)
    case 'file':
      return writeFileSync(join(folder, name), text)
    case 'module':
      writeFileSync(join(folder, 'follow.mjs'), text)
      return shell('node follow.mjs')
    default:
      return shell(text)
  }
}

/** A project of the reader, whose test calls the vendor address that the environment names. */
function prepareProject() {
  const file = join(folder, 'package.json')
  if (existsSync(file)) return
  const test = `node -e "fetch(process.env.COINSLOT_TEAK_URL + '/v2/purchase', { method: 'POST' }).then((answer) => process.exit(answer.status === 404 ? 0 : 1))"`
  writeFileSync(file, JSON.stringify({ name: 'a-backend', private: true, scripts: { test } }, null, 2))
}

function shell(script) {
  process.stdout.write(`\n$ ${script.trimEnd().replaceAll('\n', '\n  ')}\n`)
  const child = spawn('sh', ['-e', '-c', script], {
    cwd: folder,
    env: { ...process.env, COINSLOT_URL: address },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk)
    statuses.push(...[...String(chunk).matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status))
  })
  return new Promise((done, fail) => {
    child.once('close', (code) => (code === 0 ? done() : fail(new Error(`exit code ${code} of: ${script}`))))
  })
}

/** Starts a command in the background and resolves at the line with its address. */
function start(script) {
  process.stdout.write(`\n$ ${script.trimEnd()} &\n`)
  const env = { ...process.env, COINSLOT_PORT: new URL(address).port }
  const program = spawn('sh', ['-c', `exec ${script}`], { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  running.push(program)
  return new Promise((done, fail) => {
    program.stdout.on('data', (chunk) => {
      process.stdout.write(chunk)
      if (String(chunk).includes('listening on http://')) done()
    })
    program.once('exit', (code) => fail(new Error(`exit code ${code} of: ${script}`)))
  })
}

/** Ends the programs in the background, the last one first, so that the sandbox is the last. */
async function stop() {
  for (const program of running.toReversed()) {
    if (program.exitCode !== null || program.signalCode !== null) continue
    await new Promise((done) => {
      program.once('exit', done)
      // npx starts the command as its child, so the signal goes to the whole group.
      process.kill(-program.pid, 'SIGTERM')
    })
  }
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}
