import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = `${root}src/inspector/page`
const built = `${root}dist/inspector/page/index.html`

/** Makes sure that the page that is tested is the one that stands in the sources; `npm test` has built it already. */
export async function builtPage(): Promise<void> {
  if (existsSync(built) && statSync(built).mtimeMs >= newest(page)) return
  await build({ root: page, configFile: `${root}vite.config.ts`, logLevel: 'error' })
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Math.max(...files.map((file) => statSync(`${folder}/${file}`).mtimeMs))
}
