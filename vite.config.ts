import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/** The inspector page: one script and one style sheet, each also compressed beside itself. */
export default defineConfig({
  root: 'src/inspector/page',
  base: './',
  publicDir: false,
  build: {
    outDir: '../../../dist/inspector/page',
    emptyOutDir: true,
    assetsDir: 'page',
    target: 'es2022',
    modulePreload: false,
    reportCompressedSize: false,
  },
  plugins: [compressed()],
})

function compressed(): Plugin {
  let folder = ''
  return {
    name: 'compressed',
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir)
    },
    async closeBundle() {
      const files = (await readdir(folder, { recursive: true })).filter((file) => /\.(html|js|css)$/.test(file))
      for (const file of files) {
        const bytes = await readFile(join(folder, file))
        await writeFile(join(folder, `${file}.br`), brotliCompressSync(bytes))
        await writeFile(join(folder, `${file}.gz`), gzipSync(bytes, { level: 9 }))
      }
    },
  }
}
