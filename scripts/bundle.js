// After the compiler: what `coinslot` runs, in few files. Reading hundreds of small ones is most of the time a start takes. The
// command, dist/bin.js, is replaced by one that loads these; dist/index.js and the files around it stay as the compiler made them.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
// Every start needs these two files. The rest is loaded in pieces, when it is needed.
const groups = [
  {
    name: 'store',
    test: /[\\/]src[\\/](?:kernel|store(?![\\/]redis))[\\/]|[\\/]node_modules[\\/](?:lowdb|steno|zod)[\\/]/,
  },
  {
    name: 'sandbox',
    // The manifest of the App Store loads its folders with import().
    test: /[\\/]src[\\/](?!bin\.|control|dns|docs|doctor|inspector|openapi|store|tls|vendors[\\/]app_store[\\/]\w+[\\/])|[\\/]node_modules[\\/](?:commander|countries-list|hono[\\/]dist[\\/]router|picocolors)[\\/]/,
  },
  { name: 'app-store', test: /[\\/]src[\\/]vendors[\\/]app_store[\\/]\w+[\\/]/ },
]

/** Packages that go in; the others are loaded from where they are installed, by those runs that need them. */
const inside = ['commander', 'countries-list', 'hono', '@hono/node-server', 'lowdb', 'picocolors', 'steno', 'zod']

const { output } = await build({
  configFile: false,
  root,
  logLevel: 'warn',
  publicDir: false,
  ssr: { noExternal: inside },
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'dist',
    emptyOutDir: false,
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input: { bin: 'src/bin.ts' },
      output: {
        format: 'esm',
        entryFileNames: '[name].js',
        chunkFileNames: 'bundle/[name].js',
        codeSplitting: { groups },
      },
      // Parts that a command waits for anyway may be in that one file as well.
      onwarn: (warning, warn) => warning.code === 'INEFFECTIVE_DYNAMIC_IMPORT' || warn(warning),
    },
  },
})
writeFileSync(join(root, 'dist', 'bundle', 'licences.txt'), licencesOf(packagesIn(output)))

/** Folders of the packages whose code went into the bundle. */
function packagesIn(chunks) {
  const modules = chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
  const marker = `${sep}node_modules${sep}`
  const names = modules.flatMap((id) => {
    const path = id.split('?')[0].replaceAll('/', sep)
    const at = path.lastIndexOf(marker)
    if (at < 0) return []
    const parts = path.slice(at + marker.length).split(sep)
    return [path.slice(0, at + marker.length) + parts.slice(0, parts[0].startsWith('@') ? 2 : 1).join(sep)]
  })
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1))
}

/** Their licences, which ask to go wherever the code goes. */
function licencesOf(folders) {
  const notices = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`
    return `${name} ${version}\n\n${text}\n`
  })
  return `The files beside this one contain code of these packages.\n\n${notices.join(`\n${'-'.repeat(72)}\n\n`)}`
}
