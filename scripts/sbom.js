// `npm run sbom`: the packages that are installed with this one, as a CycloneDX document on standard output. It describes a real
// installation of the packed package, because npm omits from a development tree each package that a development tool uses as well.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npmCommand } from './npm.js'
import { readOptions } from './options.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const { positionals } = readOptions(
  `Usage: npm run sbom -- [PACKAGE]
  PACKAGE  packed package to describe (default: that of this tree)`,
  {
    allowPositionals: true,
  },
)
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'coinslot-sbom-'))
try {
  const tarball =
    positionals[0] ?? join(folder, npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], root).split('\n').at(-1))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, private: true }))
  npm(['install', '--silent', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball], folder)
  const bill = JSON.parse(npm(['sbom', '--sbom-format', 'cyclonedx'], folder))
  bill.metadata.component.name = name
  process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function npm(args, cwd) {
  const [program, ...first] = npmCommand()
  const options = { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 2], maxBuffer: 2 ** 26 }
  const { status, stdout } = spawnSync(program, [...first, ...args], options)
  if (status !== 0) throw new Error(`npm ${args[0]} ended with ${status}.`)
  return stdout.trim()
}
