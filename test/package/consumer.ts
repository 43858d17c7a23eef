import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { npm, packed, root } from './packed.js'

const examples = join(root, 'test/examples')
/** One name for this checkout, so that only its own stale installations are removed. */
const prefix = `coinslot-consumer-${hash(root)}-`
const staleLockMs = 240_000

/**
 * Folder with the packed sandbox and the example projects, installed once for all test files and for the next run over the same
 * package. Tests read and run its files, and do not change them.
 */
export function consumer(): Promise<string> {
  return (installed ??= installedConsumer())
}

/** Shared by the test files of one worker, which then pack once. */
let installed: Promise<string> | undefined

async function installedConsumer(): Promise<string> {
  const pack = packed()
  const name = prefix + hash(readFileSync(pack.tarball), ...examplesBytes())
  const folder = join(tmpdir(), name)
  const ready = join(folder, '.ready')
  const lock = `${folder}.lock`
  try {
    while (!existsSync(ready)) {
      if (!takeLock(lock)) {
        await wait(250)
        continue
      }
      try {
        if (!existsSync(ready)) install(folder, pack.tarball)
        writeFileSync(ready, '')
      } finally {
        rmSync(lock, { recursive: true, force: true })
      }
    }
  } finally {
    pack.remove()
  }
  return folder
}

function install(folder: string, tarball: string): void {
  for (const old of readdirSync(tmpdir()).filter((name) => name.startsWith(prefix))) {
    if (!old.endsWith('.lock')) rmSync(join(tmpdir(), old), { recursive: true, force: true })
  }
  cpSync(examples, folder, { recursive: true })
  copyFileSync(tarball, join(folder, 'coinslot.tgz'))
  for (const example of exampleProjects()) {
    const file = join(folder, example, 'package.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { devDependencies: Record<string, string> }
    manifest.devDependencies['coinslot'] = 'file:../coinslot.tgz'
    writeFileSync(file, JSON.stringify(manifest, null, 2))
  }
  // One installation for all of them.
  const manifest = { name: 'consumer', private: true, workspaces: exampleProjects() }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, devDependencies: { coinslot: 'file:coinslot.tgz' } }, null, 2))
  npm(['install', '--prefer-offline'], folder)
  // Where a copied-out example has its packages, for scripts that name a file in node_modules.
  for (const example of exampleProjects()) {
    const place = join(folder, example, 'node_modules')
    if (!existsSync(place)) symlinkSync(join(folder, 'node_modules'), place, 'junction')
  }
}

/** Takes the lock, also one that a killed run left behind. */
function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > staleLockMs) rmSync(lock, { recursive: true, force: true })
    return false
  }
}

/** Folders of the example projects; each can be copied out and run. */
export function exampleProjects(): string[] {
  return readdirSync(examples).filter((name) => existsSync(join(examples, name, 'package.json')))
}

function examplesBytes(): Buffer[] {
  return readdirSync(examples, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => join(examples, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file))
}

function hash(...parts: (string | Buffer)[]): string {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part)
  return sum.digest('hex').slice(0, 12)
}
