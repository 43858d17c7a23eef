// What `npm start` and `npm test` run on a machine with Node alone: install what is missing, build what changed, go on.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [task, ...args] = process.argv.slice(2)

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) fail(`coinslot needs Node 20.19 or later; this is Node ${process.versions.node}.`)

install()
if (task === 'start') {
  build()
  process.argv.splice(1, process.argv.length, join(root, 'dist', 'bin.js'), ...args)
  await import('../dist/bin.js')
} else if (task === 'test') {
  build()
  const { prepareSystem } = await import('./system-packages.js')
  const absent = prepareSystem()
  process.env['COINSLOT_NOT_HERE'] = absent.map(({ program }) => program).join(',')
  const left = absent.flatMap(({ program, tests }) => tests.map((pattern) => ({ program, pattern })))
  for (const { program, pattern } of left) say(`not run here: ${pattern} (needs ${program})`)
  const without = left.flatMap(({ pattern }) => ['--exclude', pattern])
  run('node', [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...without, ...args], 'inherit')
} else {
  fail(`Unknown task "${task ?? ''}"; use start or test.`)
}

function install() {
  const lock = fingerprint([join(root, 'package-lock.json')])
  const stamp = join(root, 'node_modules', '.coinslot-installed')
  if (isStamped(stamp, lock)) return
  say('installing packages (npm ci)')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
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
  run('npm', ['run', '--silent', 'build'])
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(stamp, sources)
}

function isStamped(stamp, value) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === value
}

function fingerprint(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
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

/** Runs a program with its output on standard error, since standard output belongs to the command; ends with its exit code. */
function run(command, parameters, output = 2) {
  const done = spawnSync(command, parameters, {
    cwd: root,
    stdio: ['inherit', output, 'inherit'],
    shell: process.platform === 'win32',
  })
  if (done.error) fail(`${command} cannot be run: ${done.error.message}`)
  if (done.status !== 0) process.exit(done.status ?? 1)
}

function say(what) {
  process.stderr.write(`coinslot: ${what}\n`)
}

function fail(what) {
  process.stderr.write(`coinslot: ${what}\n`)
  process.exit(1)
}
