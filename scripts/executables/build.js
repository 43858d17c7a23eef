// `npm run executables`: coinslot as one file for Linux and one for Windows, each with Node, page, seeds and keys inside, by Node's own mechanism
// ("single executable applications"); postject is the tool that Node's documentation names for putting the prepared file into a copy of Node.
// --out names the folder.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'postject'
import { bundleForExecutable } from './bundle.js'
import { readOptions } from '../options.js'
import { nodeBinary, nodeVersion } from './node-binaries.js'
import { withoutSignature } from './signature.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
const { values } = readOptions(
  `Usage: npm run executables -- [--out FOLDER]
  --out  folder for the executables (default: release/executables)`,
  {
    options: { out: { type: 'string', default: join(root, 'release', 'executables') } },
  },
)
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

if (!existsSync(join(root, 'dist', 'inspector', 'page', 'index.html'))) throw new Error('Run npm run build first.')
mkdirSync(values.out, { recursive: true })
const work = mkdtempSync(join(tmpdir(), 'coinslot-executables-'))
try {
  const { code, licences } = await bundleForExecutable()
  const linux = nodeBinary('linux-x64')
  const made = []
  for (const platform of ['linux-x64', 'win-x64']) {
    const name = `coinslot-${platform}${platform.startsWith('win') ? '.exe' : ''}`
    // Compiled code is for the system that compiled it. It saves a fifth of the start.
    const blob = prepare(code, linux.node, { useCodeCache: platform === 'linux-x64' })
    await makeExecutable(nodeBinary(platform).node, blob, join(values.out, name))
    made.push(name)
  }
  const nodeLicence = readFileSync(join(linux.folder, 'LICENSE'), 'utf8').trim()
  const parts = [`coinslot ${version}\n\n${licenceOfCoinslot()}\n`, licences, `Node ${nodeVersion}\n\n${nodeLicence}\n`]
  writeFileSync(join(values.out, 'licences.txt'), `The executables contain code of these.\n\n${parts.join(`\n${'-'.repeat(72)}\n\n`)}`)
  writeFileSync(join(values.out, 'SHA256SUMS'), [...made, 'licences.txt'].map(sumLine).join(''))
  for (const name of made) say(`${join(values.out, name)} ${(statSync(join(values.out, name)).size / 1e6).toFixed(0)} MB`)
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** Lets Node put the code and the files of the package into the form that it finds in itself. The version must be that of the executables. */
function prepare(code, node, options) {
  writeFileSync(join(work, 'coinslot.cjs'), code)
  const assets = Object.fromEntries(packageFiles().map((file) => [file, join(root, file)]))
  const config = { main: 'coinslot.cjs', output: 'coinslot.blob', disableExperimentalSEAWarning: true, assets, ...options }
  writeFileSync(join(work, 'config.json'), JSON.stringify(config))
  const { status } = spawnSync(node, ['--experimental-sea-config', 'config.json'], { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`Node could not prepare the executable; it ended with ${status}.`)
  return readFileSync(join(work, 'coinslot.blob'))
}

/** Files that `readPackageFile` reads. */
function packageFiles() {
  const page = readdirSync(join(root, 'dist', 'inspector', 'page'), { recursive: true, withFileTypes: true })
  const pageFiles = page.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(root.length).replaceAll('\\', '/'))
  const keys = readdirSync(join(root, 'fixtures', 'keys')).filter((name) => name !== 'README.md')
  return ['package.json', 'fixtures/default.json', ...keys.map((name) => `fixtures/keys/${name}`), ...pageFiles]
}

async function makeExecutable(node, blob, target) {
  if (target.endsWith('.exe')) writeFileSync(target, withoutSignature(readFileSync(node)))
  else copyFileSync(node, target)
  chmodSync(target, 0o755)
  await quietly(() => inject(target, 'NODE_SEA_BLOB', blob, { sentinelFuse: fuse }))
}

/** Runs without warnings of the injector, which knows sections of Node's executable only by number. */
async function quietly(task) {
  const { log, warn, error } = console
  Object.assign(console, { log() {}, warn() {}, error() {} })
  try {
    return await task()
  } finally {
    Object.assign(console, { log, warn, error })
  }
}

function licenceOfCoinslot() {
  return readFileSync(join(root, 'LICENSE'), 'utf8').trim()
}

function sumLine(name) {
  return `${createHash('sha256')
    .update(readFileSync(join(values.out, name)))
    .digest('hex')}  ${name}\n`
}

function say(text) {
  process.stderr.write(`executables: ${text}\n`)
}
