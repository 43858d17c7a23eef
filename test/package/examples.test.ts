import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { consumer, exampleProjects } from './consumer.js'
import { npm, root } from './packed.js'
import { run } from './run.js'

let folder: string
const place = mkdtempSync(join(tmpdir(), 'coinslot-jobs-'))
beforeAll(async () => {
  folder = await consumer()
}, 300_000)
afterAll(() => rmSync(place, { recursive: true, force: true }))

test.each(exampleProjects())(
  'the example %s can be copied out: it has a README, and a package.json with all that its files import',
  (name) => {
    const files = readdirSync(join(root, 'test/examples', name))
    const { devDependencies, type } = JSON.parse(readExample(`${name}/package.json`)) as { devDependencies: object; type: string }
    const code = files.filter((file) => /\.[jt]s$/.test(file)).map((file) => readExample(`${name}/${file}`))
    const imported = code.flatMap((text) => [...text.matchAll(/from '([^'.][^']*)'/g)].map(([, specifier]) => specifier!))
    const packages = imported
      .filter((specifier) => !specifier.startsWith('node:'))
      .map((specifier) => specifier.replace('@jest/globals', 'jest'))

    expect(files).toContain('README.md')
    expect(readExample(`${name}/README.md`).trim().split('\n').length).toBeLessThanOrEqual(7)
    expect(type).toBe('module')
    expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining([...packages, 'coinslot']))
  },
)

test.each(['vitest-express', 'jest', 'node-test-fastify'])(
  'the tests of the example %s pass',
  async (name) => {
    const done = await run('npm', ['test'], { cwd: join(folder, name) })

    expect(done.code, done.stdout + done.stderr).toBe(0)
  },
  120_000,
)

test('the examples in TypeScript compile against the packed types', async () => {
  const done = await run('node', [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { cwd: folder })

  expect(done.code, done.stdout).toBe(0)
}, 180_000)

const hasJava = spawnSync('java', ['-version']).error === undefined

test(
  hasJava ? 'the Java example reports to the sandbox' : 'not run here, as there is no java: the Java example',
  async () => {
    if (!hasJava) return
    const done = await run('npm', ['start', '--silent'], { cwd: join(folder, 'java') })

    expect(done.code, done.stderr).toBe(0)
    expect(done.stdout).toMatch(/^200 \{"code":200\}\nexplained in request r-1\n$/)
  },
  180_000,
)

test('the Unity example compiles if there is a compiler, and sends the fields of a receipt report', async () => {
  const compiler = ['mcs', 'csc'].find((name) => spawnSync(name, ['--version']).error === undefined)
  const source = readFileSync(join(folder, 'unity/Reporter.cs'), 'utf8')

  if (compiler) {
    const stubs = join(root, 'test/package/unity-stubs.cs')
    const done = await run(compiler, ['-target:library', `-out:${join(folder, 'Reporter.dll')}`, stubs, 'unity/Reporter.cs'], {
      cwd: folder,
    })
    expect(done.code, done.stdout + done.stderr).toBe(0)
  }
  for (const field of [
    'game',
    'user',
    'common',
    'country',
    'locale',
    'platform',
    'store',
    'version',
    'event',
    'currency',
    'price',
    'transactionId',
    'receipt',
  ]) {
    expect(source).toContain(`\\"${field}\\":`)
  }
})

describe('the jobs for continuous integration', () => {
  const github = (parse(readExample('ci/github-actions.yml')) as GithubWorkflow).jobs['test']!
  const githubCommands = github.steps.flatMap((step) => (step.run === undefined ? [] : [step.run]))
  const gitlab = parse(readExample('ci/gitlab-ci.yml')) as Record<string, { script: string[]; variables?: Record<string, string> }>

  test('every command of the GitHub job runs in a project with a lock file', async () => {
    expect(github.steps.map(({ uses }) => uses)).toContain('actions/setup-node@v4')
    expect(githubCommands).toHaveLength(2)
    await runJob(githubCommands)
  }, 240_000)

  test('the GitLab job purchases has the commands of the GitHub job', () => {
    expect(gitlab['purchases']).toEqual({ image: 'node:24', script: githubCommands })
  })

  test('every command of the GitLab job purchases-step-by-step runs in a project with a lock file', async () => {
    const { script, variables } = gitlab['purchases-step-by-step']!

    expect(script.length).toBeGreaterThan(githubCommands.length)
    await runJob(script, variables)
  }, 240_000)
})

interface GithubWorkflow {
  jobs: Record<string, { steps: { uses?: string; run?: string }[] }>
}

/** Runs the commands of a job in one shell, as the services do, in the example project whose test reports a purchase. */
async function runJob(commands: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<void> {
  const project = mkdtempSync(join(place, 'job-'))
  cpSync(lockedProject(), project, { recursive: true })
  const script = commands.map((line) => line.replace('npm ci', 'npm ci --prefer-offline')).join('\n')
  // Below those that the system hands out to outgoing connections.
  const port = String(20_000 + ((process.pid * 7) % 12_000))
  const own = Object.entries(variables).map(([name, value]) => [name, value.replace('4010', port)])
  const isAside = commands.some((line) => line.endsWith('&'))
  const placed: Record<string, string> = isAside ? { COINSLOT_PORT: port, COINSLOT_URL: `http://127.0.0.1:${port}` } : {}
  const env = { ...placed, ...(Object.fromEntries(own) as Record<string, string>) }

  const done = await run('bash', ['-e', '-c', script], { cwd: project, env })

  expect(done.code, done.stdout + done.stderr).toBe(0)
  expect(existsSync(join(project, 'node_modules/coinslot'))).toBe(true)
}

/** A project for jobs, with its lock file; made once, because npm takes longer to write it than a job takes to run. */
function lockedProject(): string {
  const project = join(place, 'locked')
  if (existsSync(project)) return project
  mkdirSync(project)
  copyFileSync(join(folder, 'coinslot.tgz'), join(project, 'coinslot.tgz'))
  copyFileSync(join(root, 'test/examples/ci/report.mjs'), join(project, 'report.mjs'))
  writeFileSync(join(project, 'package.json'), readExample('ci/package.json').replace('^0.1.0', 'file:coinslot.tgz'))
  npm(['install', '--package-lock-only', '--prefer-offline'], project)
  return project
}

function readExample(name: string): string {
  return readFileSync(join(root, 'test/examples', name), 'utf8')
}
