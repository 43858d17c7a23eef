// After the compiler: what `coinslot` runs, in few files. Reading hundreds of small ones is most of the time a start takes. The
// command, dist/bin.js, is replaced by one that loads these; dist/index.js and the files around it stay as the compiler made them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { licencesOf } from './bundle-licences.js'

const root = fileURLToPath(new URL('..', import.meta.url))
// A group takes along what its module imports: every command needs the first file, every start the second one too, and the control API
// is loaded behind it. The rest is loaded in pieces, when it is needed.
const groups = [
  { name: 'command', test: /[\\/]src[\\/]cli[\\/]program\.ts$/, priority: 3 },
  { name: 'sandbox', test: /[\\/]src[\\/]sandbox[\\/]start\.ts$/, priority: 2 },
  { name: 'control', test: /[\\/]src[\\/]control[\\/]app\.ts$/, priority: 1 },
  { name: 'app-store', test: /[\\/]src[\\/]vendors[\\/]app_store[\\/]\w+[\\/]/ },
  { name: 'google-play', test: /[\\/]src[\\/]vendors[\\/]google_play[\\/]\w+[\\/]/ },
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
        // V8 reads and compiles a file with other characters as one of two bytes a character, which takes twice as long.
        charset: 'ascii',
        comments: false,
        codeSplitting: { groups },
      },
      // Parts that a command waits for anyway may be in that one file as well.
      onwarn: (warning, warn) => warning.code === 'INEFFECTIVE_DYNAMIC_IMPORT' || warn(warning),
    },
  },
})
writeFileSync(
  join(root, 'dist', 'bundle', 'licences.txt'),
  `The files beside this one contain code of these packages.\n\n${licencesOf(output)}`,
)
