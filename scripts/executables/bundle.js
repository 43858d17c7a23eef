// The command in one file of CommonJS, with all packages in it, for an executable that can load nothing but Node's own modules.
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { licencesOf } from '../bundle-licences.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Returns the code of the bundle and the licences of the packages in it. */
export async function bundleForExecutable() {
  const { output } = await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node22',
      write: false,
      minify: false,
      rolldownOptions: {
        input: { coinslot: fileURLToPath(new URL('main.ts', import.meta.url)) },
        output: { format: 'cjs', codeSplitting: false },
        plugins: [requiresInside()],
        // `import.meta.url` is asked where the package has files, which is nowhere in an executable.
        onwarn: (warning, warn) => ['INEFFECTIVE_DYNAMIC_IMPORT', 'EMPTY_IMPORT_META'].includes(warning.code) || warn(warning),
      },
    },
  })
  const foreign = output[0].imports.filter((name) => !name.startsWith('node:'))
  if (output.length !== 1 || foreign.length > 0) throw new Error(`The bundle leaves out ${foreign.join(', ') || 'files'}.`)
  return { code: output[0].code, licences: licencesOf(output) }
}

/** Packages that the sources load late with a `require` made for the file: without it, the bundler takes them in. */
function requiresInside() {
  const made = /^const require = createRequire\(import\.meta\.url\);?$/m
  return {
    name: 'requires-inside',
    transform: (code, id) => (/[\\/]src[\\/].*\.ts$/.test(id) && made.test(code) ? code.replace(made, '') : undefined),
  }
}
