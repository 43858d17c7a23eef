// Programs other than Node that some tests use: a browser, Redis, a JDK. If the system lacks one, its package is unpacked into a cache
// folder of the project. Nothing is installed, so that no service starts and root rights are not needed.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cache = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules', '.cache', 'programs')
const tree = join(cache, 'tree')
const bin = join(cache, 'bin')

/** Each program with the packages that hold it on Debian-like systems, and the tests that need it. */
const needed = [
  {
    program: 'chromium',
    packages: ['chromium', 'chromium-common'],
    tests: ['test/inspector/{live,views,set-up,quality}.test.ts', 'test/tls/chromium.test.ts'],
  },
  { program: 'certutil', packages: ['libnss3-tools'], tests: ['test/tls/chromium.test.ts'] },
  {
    program: 'redis-server',
    packages: ['redis-server', 'redis-tools'],
    tests: ['test/store/redis*.test.ts', 'test/shared/**', 'test/torture/redis.test.ts'],
  },
  { program: 'javac', packages: ['default-jdk-headless'], tests: ['test/tls/java.test.ts'] },
  {
    program: 'openssl',
    packages: ['openssl'],
    tests: ['test/pki/certificate.test.ts', 'test/receipts/**', 'test/tls/**', 'test/cli/ca.test.ts'],
  },
  { program: 'curl', packages: ['curl'], tests: ['test/tls/curl.test.ts', 'test/package/readme.test.ts'] },
]

/** Appends the programs of the cache to the PATH, so that those of the system come first. */
export function useCachedPrograms() {
  const path = (process.env.PATH ?? '').split(delimiter)
  if (!path.includes(bin)) process.env.PATH = [...path, bin].join(delimiter)
  const chromium = join(bin, 'chromium')
  if (!existsSync('/usr/bin/chromium') && existsSync(chromium)) process.env.COINSLOT_CHROMIUM ??= chromium
}

/** Returns the programs that are in neither the system nor the cache, with the tests that need them. */
export function missingPrograms() {
  return needed.filter(({ program }) => !isThere(program))
}

/** Fetches missing programs into the cache. Returns those that are still missing. */
export function preparePrograms() {
  useCachedPrograms()
  const missing = missingPrograms()
  if (missing.length === 0 || !existsSync('/etc/debian_version')) return missing
  process.stderr.write(
    `coinslot: fetching ${missing.map(({ program }) => program).join(', ')} into node_modules/.cache (nothing is installed)\n`,
  )
  for (const one of missing) fetchProgram(one)
  useCachedPrograms()
  return missingPrograms()
}

function isThere(program) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.some((folder) => existsSync(join(folder, program)) || existsSync(join(folder, `${program}.exe`)))
}

function fetchProgram({ program, packages }) {
  const folder = join(cache, 'packages', program)
  for (const part of ['lists/partial', 'archives/partial']) mkdirSync(join(cache, 'apt', part), { recursive: true })
  mkdirSync(folder, { recursive: true })
  const list = () => apt(['install', '--print-uris', '-y', '-qq', '--no-install-recommends', ...packages], folder)
  let listed = list()
  if (listed.status !== 0) {
    apt(['update', '-qq'], folder)
    listed = list()
  }
  // Packages that the system has are not listed; those of the program itself are wanted all the same.
  const others = [...listed.stdout.matchAll(/^'[^']*' ([^_\s]+)_/gm)].map(([, name]) => name)
  const wanted = [...new Set([...packages, ...others])]
  if (apt(['download', '-qq', ...wanted], folder).status !== 0) return
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
    mkdirSync(tree, { recursive: true })
    spawnSync('dpkg-deb', ['-x', join(folder, name), tree], { stdio: ['ignore', 2, 2] })
  }
  rmSync(folder, { recursive: true, force: true })
  moveLinks(tree)
  for (const [name, file] of filesOf(program)) writeWrapper(name, file)
}

/** Runs apt-get with separate folders, because those of the system may be read-only. It takes no lock and changes nothing of the system. */
function apt(words, cwd) {
  const hasLists = existsSync('/var/lib/apt/lists') && readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'))
  const options = [
    ...(hasLists && words[0] !== 'update' ? [] : ['-o', `Dir::State::Lists=${join(cache, 'apt', 'lists')}`]),
    '-o',
    `Dir::Cache=${join(cache, 'apt')}`,
    '-o',
    'Debug::NoLocking=1',
    '-o',
    'APT::Sandbox::User=root',
  ]
  return spawnSync('apt-get', [...options, ...words], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 2], timeout: 600_000 })
}

/** Redirects absolute links of the unpacked tree into the tree, unless their target exists on the system. */
function moveLinks(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const found = lstatSync(path)
    if (found.isDirectory()) moveLinks(path)
    if (!found.isSymbolicLink()) continue
    const target = readlinkSync(path)
    if (!target.startsWith('/') || target.startsWith(tree) || existsSync(target)) continue
    unlinkSync(path)
    symlinkSync(join(tree, target), path)
  }
}

/** Returns the executables of a program, each with its name and its file. */
function filesOf(program) {
  // Debian's script of this name starts the browser of the system.
  if (program === 'chromium') return [['chromium', join(tree, 'usr/lib/chromium/chromium')]]
  if (program !== 'javac') return [[program, join(tree, 'usr/bin', program)]]
  const homes = join(tree, 'usr/lib/jvm')
  const home = existsSync(homes) ? readdirSync(homes).find((name) => existsSync(join(homes, name, 'bin', 'javac'))) : undefined
  return home === undefined ? [] : ['javac', 'java', 'keytool'].map((name) => [name, join(homes, home, 'bin', name)])
}

/** Writes a script that starts a program with the libraries of the tree; other programs keep those of the system. */
function writeWrapper(name, file) {
  if (!existsSync(file)) return
  const roots = ['usr/lib', 'lib'].map((part) => join(tree, part)).filter((folder) => existsSync(folder))
  const libraries = roots.flatMap((root) => [
    root,
    ...readdirSync(root)
      .filter((part) => part.endsWith('-linux-gnu'))
      .map((part) => join(root, part)),
  ])
  mkdirSync(bin, { recursive: true })
  const script = join(bin, name)
  writeFileSync(script, `#!/bin/sh\nLD_LIBRARY_PATH='${libraries.join(':')}' exec '${file}' "$@"\n`)
  chmodSync(script, 0o755)
  // A program that does not start counts as missing. certutil has no option for this check, so its tests report the error.
  if (name !== 'certutil' && spawnSync(script, [name === 'openssl' ? 'version' : '--version'], { stdio: 'ignore' }).status !== 0)
    unlinkSync(script)
}
