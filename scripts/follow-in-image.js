// Follows the README in an empty folder of a clean Node image, where a Docker engine answers: node scripts/follow-in-image.js [IMAGE]
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions } from './options.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const { positionals } = readOptions(
  `Usage: npm run follow:image -- [IMAGE]
  IMAGE  image with Node and npm (default: node:24-bookworm-slim)`,
  {
    allowPositionals: true,
  },
)
const image = positionals[0] ?? 'node:24-bookworm-slim'
const folder = mkdtempSync(join(tmpdir(), 'coinslot-image-'))
// The slim image has no curl, which the README's own lines use.
const script = `command -v curl >/dev/null || (apt-get update -qq && apt-get install -y -qq curl >/dev/null 2>&1)
mkdir /empty && cd /empty && node /reader/follow-readme.js --readme /reader/README.md --package /reader/coinslot.tgz`

try {
  const packed = spawnSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  })
  if (packed.status !== 0) throw new Error('npm pack failed; is the package built? npm run build')
  copyFileSync(join(folder, packed.stdout.trim().split('\n').at(-1)), join(folder, 'coinslot.tgz'))
  for (const file of ['README.md', 'scripts/follow-readme.js']) copyFileSync(join(root, file), join(folder, file.replace('scripts/', '')))
  const { status } = spawnSync('docker', ['run', '--rm', '--network', 'host', '-v', `${folder}:/reader:ro`, image, 'sh', '-ec', script], {
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
