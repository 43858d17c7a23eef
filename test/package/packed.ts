import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npmCommand } from '../../scripts/npm.js'

/** The checkout that is packed. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** The package as it would be published. */
export interface Packed {
  tarball: string
  /** Its files unpacked. */
  folder: string
  files: readonly string[]
  remove(): void
}

/** Packs the built checkout as `npm publish` would, without running any script, and unpacks it beside. */
export function packed(): Packed {
  const place = mkdtempSync(join(tmpdir(), 'coinslot-packed-'))
  const told = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', place], root)
  const [pack] = JSON.parse(told) as { filename: string; files: { path: string }[] }[]
  const tarball = join(place, pack!.filename)
  execFileSync('tar', ['xzf', tarball, '-C', place])
  return {
    tarball,
    folder: join(place, 'package'),
    files: pack!.files.map(({ path }) => path),
    remove: () => rmSync(place, { recursive: true, force: true }),
  }
}

/** Runs npm quietly in a folder and answers what it printed. */
export function npm(args: readonly string[], cwd: string): string {
  const [program, ...first] = npmCommand()
  return execFileSync(program, [...first, '--no-audit', '--no-fund', '--loglevel=error', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: withoutNpm(),
  })
}

/** The environment without what an outer `npm test` put there, so that an inner npm starts afresh. */
export function withoutNpm(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_(registry|cache|cafile|userconfig)$)|COINSLOT_)/i.test(name),
  )
  return Object.fromEntries(kept)
}
