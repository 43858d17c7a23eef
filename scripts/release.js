// `npm run release`: a rehearsal of a release into a folder; it never publishes. A tag does that from continuous integration, where npm
// signs where the package comes from. --quick leaves out checks, tests and build; --out names the folder.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions } from './options.js'
import { npmCommand } from './npm.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = readOptions(
  `Usage: npm run release -- [--quick] [--out FOLDER]
  --quick  leave out checks, tests and build
  --out    folder for what is made (default: release)`,
  {
    options: { quick: { type: 'boolean', default: false }, out: { type: 'string', default: join(root, 'release') } },
  },
)
const { name, version, repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

step('the tree is clean', () => {
  const dirty = output('git', 'status', '--porcelain')
  if (dirty !== '') fail(`there are changes that are not committed:\n${dirty}`)
})
step(`the change log tells of ${version}`, () => {
  if (!readFileSync(join(root, 'CHANGELOG.md'), 'utf8').includes(`\n## ${version}\n`)) fail(`CHANGELOG.md has no section "## ${version}".`)
})
step(`the tag v${version} is free`, () => {
  if (output('git', 'tag', '--list', `v${version}`) !== '') fail(`the tag is there; raise the version in package.json.`)
})
if (!values.quick) {
  for (const task of ['build', 'check', 'test']) step(`npm run ${task}`, () => run(...npmCommand(), 'run', '--silent', task))
}
mkdirSync(values.out, { recursive: true })
const tarball = step('package', () =>
  output(...npmCommand(), 'pack', '--silent', '--ignore-scripts', '--pack-destination', values.out)
    .split('\n')
    .at(-1),
)
step('software bill of materials', () =>
  writeFileSync(join(values.out, 'sbom.cdx.json'), output(process.execPath, 'scripts/sbom.js', join(values.out, tarball))),
)
step('check sums', () => writeFileSync(join(values.out, 'SHA256SUMS'), [tarball, 'sbom.cdx.json'].map(sumLine).join('')))
if (!values.quick) {
  step('executables', () => run(process.execPath, 'scripts/executables/build.js', '--out', join(values.out, 'executables')))
  step('npm run test:executables', () =>
    run(...npmCommand(), 'run', '--silent', 'test:executables', '--', '--of', join(values.out, 'executables')),
  )
}
step('npm publish, rehearsed', () => run(...npmCommand(), 'publish', join(values.out, tarball), '--dry-run', '--ignore-scripts'))

say(`\n${name} ${version} could be released; its files are in ${values.out}. Nothing was published.`)
if (repository === undefined)
  say('Before the first release: name the place of the code as "repository" in package.json, or npm cannot sign where it comes from.')
say(`Next: git tag v${version} && git push --tags; continuous integration publishes with "npm publish --provenance".`)

function sumLine(file) {
  const sum = createHash('sha256')
    .update(readFileSync(join(values.out, file)))
    .digest('hex')
  return `${sum}  ${file}\n`
}

function step(title, work) {
  say(`- ${title}`)
  return work()
}

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) fail(`${command} ${args.join(' ')} ended with ${status}.`)
}

function output(command, ...args) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 2], maxBuffer: 2 ** 26 })
  if (status !== 0) fail(`${command} ${args.join(' ')} ended with ${status}.`)
  return stdout.trim()
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

function fail(why) {
  say(`release: ${why}`)
  process.exit(1)
}
