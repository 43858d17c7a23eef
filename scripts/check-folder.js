// First step of `npm run build`: the bundler takes some characters of a path for a query, a fragment or a pattern, and fails with a stack.
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const found = [...new Set(root.match(/[#?[\]{}]/g))]
if (found.length > 0) {
  process.stderr.write(
    `coinslot cannot be built in ${root}: the bundler misreads ${found.join(' and ')} in the name of a folder. Rename the folder, or move the clone.\n`,
  )
  process.exitCode = 1
}
