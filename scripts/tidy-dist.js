// After the compiler: takes out of dist what no source stands behind any more, so that the package never carries it, and bundles
// what the command runs.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const compiled = /\.(?:js|d\.ts|js\.map)$/

for (const file of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
  // The inspector's page is put there by the bundler.
  if (!compiled.test(file) || /^inspector[\\/]/.test(file)) continue
  const source = join(root, 'src', file.replace(compiled, ''))
  if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(join(root, 'dist', file))
}

await import('./bundle.js')
