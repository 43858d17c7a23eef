// Script of `npm start` and `npm test`. It needs Node alone: it installs missing packages, builds changed sources, then starts or tests.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npmCommand } from './npm.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [task, ...args] = process.argv.slice(2)

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) fail(`coinslot needs Node 20.19 or later; this is Node ${process.versions.node}.`)

install()
if (task === 'start') {
  build()
  stopWithNpm()
  process.argv.splice(1, process.argv.length, join(root, 'dist', 'bin.js'), ...args)
  await import('../dist/bin.js')
} else if (task === 'test') {
  build()
  const { preparePrograms } = await import('./system-packages.js')
  const missing = preparePrograms()
  const done = spawnSync(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  for (const { program, tests } of missing) say(`left out, because ${program} is missing: ${tests.join(', ')}`)
  if (missing.some(({ program }) => program === 'redis-server'))
    say('left out, because redis-server is missing: test/vendors with rows in Redis')
  const isIncomplete = missing.length > 0 && process.env['COINSLOT_ALL_TESTS'] === '1'
  if (isIncomplete) say('COINSLOT_ALL_TESTS=1 asks for every test, so that this run fails.')
  process.exit(done.status !== 0 ? (done.status ?? 1) : isIncomplete ? 1 : 0)
} else {
  fail(`Unknown task "${task ?? ''}"; use start or test.`)
}

/**
 * Stops the sandbox when npm has ended. npm exits at SIGTERM without waiting for the shell of its script, so that the sandbox would
 * keep its port.
 */
function stopWithNpm() {
  if (process.env['npm_lifecycle_event'] !== 'start' || process.platform === 'win32') return
  const npm = npmAbove()
  if (npm === undefined) return
  let isWatchingSignals = false
  const watch = setInterval(() => {
    // The sandbox is stopping already where the signal went to the whole group, and a second signal would end it at once.
    if (!isWatchingSignals && process.listenerCount('SIGTERM') > 0) {
      isWatchingSignals = true
      for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => clearInterval(watch))
    }
    if (isAlive(npm) && npmAbove() === npm) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 500).unref()
}

/** Returns the id of the process that started this script or its shell; undefined if the system does not provide it. */
function npmAbove() {
  const parent = process.ppid
  const name = nameOf(parent)
  if (name === undefined) return undefined
  return /^(?:sh|dash|bash|zsh|ash|busybox)$/.test(name) ? parentOf(parent) : parent
}

function nameOf(pid) {
  return statusOf(pid, 'Name')
}

function parentOf(pid) {
  const parent = statusOf(pid, 'PPid')
  return parent === undefined ? undefined : Number(parent)
}

function statusOf(pid, field) {
  try {
    return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function install() {
  const lock = fingerprint([join(root, 'package-lock.json')])
  const stamp = join(root, 'node_modules', '.coinslot-installed')
  if (isStamped(stamp, lock)) return
  // `npm ci` empties the folder behind a link, which is often that of another clone.
  if (isLink(join(root, 'node_modules'))) return say('node_modules is a link, so its packages are used as they are')
  say('installing packages (npm ci)')
  runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, lock)
}

function build() {
  const inputs = [
    ...filesBelow(join(root, 'src')),
    join(root, 'tsconfig.json'),
    join(root, 'tsconfig.build.json'),
    join(root, 'vite.config.ts'),
    join(root, 'package.json'),
  ]
  const sources = fingerprint(inputs)
  const stamp = join(root, 'dist', '.built-from')
  if (isStamped(stamp, sources)) return
  say('building (npm run build)')
  runNpm(['run', '--silent', 'build'])
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(stamp, sources)
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

function isStamped(stamp, value) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === value
}

function fingerprint(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    const name = file.slice(root.length).replaceAll(sep, '/')
    hash.update(name).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

function filesBelow(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name)
      return statSync(path).isDirectory() ? filesBelow(path) : [path]
    })
}

/** Runs npm with its output on standard error, because standard output belongs to the command. Exits with npm's code if it fails. */
function runNpm(parameters) {
  const [program, ...first] = npmCommand()
  const done = spawnSync(program, [...first, ...parameters], { cwd: root, stdio: ['inherit', 2, 'inherit'] })
  if (done.error) fail(`npm cannot be run: ${done.error.message}`)
  if (done.status !== 0) process.exit(done.status ?? 1)
}

function say(what) {
  process.stderr.write(`coinslot: ${what}\n`)
}

function fail(what) {
  process.stderr.write(`coinslot: ${what}\n`)
  process.exit(1)
}
