import { existsSync, readFileSync, writeFileSync, mkdtempSync, rmSync, copyFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { consumer } from './consumer.js'
import { npm, root } from './packed.js'
import { run } from './run.js'

let folder: string
beforeAll(async () => {
  folder = await consumer()
}, 300_000)

test.each(['test:vitest', 'test:jest', 'test:node'])(
  'the example project passes: npm run %s',
  async (script) => {
    const done = await run('npm', ['run', script], { cwd: folder })

    expect(done.code, done.stdout + done.stderr).toBe(0)
  },
  60_000,
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
    const done = await run('npx', ['coinslot', 'exec', '--memory', '--', 'java', 'java/Report.java'], { cwd: folder })

    expect(done.code, done.stderr).toBe(0)
    expect(done.stdout).toMatch(/^200 \{"code":200\}\nexplained in request r-1\n$/)
  },
  180_000,
)

test('the Unity example compiles as far as a compiler is here, and sends what the sandbox takes', async () => {
  const compiler = ['mcs', 'csc'].find((name) => spawnSync(name, ['--version']).error === undefined)
  const source = readFileSync(join(folder, 'unity/Reporter.cs'), 'utf8')

  if (compiler) {
    const stubs = join(root, 'test/package/unity-stubs.cs')
    const done = await run(compiler, ['-target:library', `-out:${join(folder, 'Reporter.dll')}`, stubs, 'unity/Reporter.cs'], {
      cwd: folder,
    })
    expect(done.code, done.stdout + done.stderr).toBe(0)
  }
  // The fields it writes are those of the worked example, so that the page and the snippet cannot part.
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

describe('jobs of continuous integration', () => {
  test('every command of the GitHub job runs in a project with a lock file', async () => {
    const job = (parse(readExample('ci/github-actions.yml')) as GithubWorkflow).jobs['test']!
    const commands = job.steps.flatMap((step) => (step.run === undefined ? [] : [step.run]))

    expect(job.steps.map(({ uses }) => uses)).toContain('actions/setup-node@v4')
    expect(commands).toHaveLength(2)
    await runJob(commands)
  }, 240_000)

  test.each(['purchases', 'purchases-step-by-step'])(
    'every command of the GitLab job %s runs in a project with a lock file',
    async (name) => {
      const jobs = parse(readExample('ci/gitlab-ci.yml')) as Record<string, { script: string[] }>

      expect(jobs[name]!.script.length).toBeGreaterThan(1)
      await runJob(jobs[name]!.script)
    },
    120_000,
  )
})

interface GithubWorkflow {
  jobs: Record<string, { steps: { uses?: string; run?: string }[] }>
}

/** Runs a job's lines in one shell, as the services do, in a project whose test reports a purchase. */
async function runJob(commands: readonly string[]): Promise<void> {
  const project = mkdtempSync(join(tmpdir(), 'coinslot-job-'))
  try {
    copyFileSync(join(folder, 'coinslot.tgz'), join(project, 'coinslot.tgz'))
    writeFileSync(join(project, 'test.mjs'), reportOnce)
    const manifest = { name: 'job', private: true, scripts: { test: 'node test.mjs' }, devDependencies: { coinslot: 'file:coinslot.tgz' } }
    writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
    npm(['install', '--package-lock-only', '--prefer-offline'], project)
    const script = commands.map((line) => line.replace('npm ci', 'npm ci --prefer-offline')).join('\n')
    // Below those that the system hands out to outgoing connections.
    const port = String(20_000 + ((process.pid * 7) % 12_000))
    const env = commands.some((line) => line.endsWith('&')) ? { COINSLOT_PORT: port, COINSLOT_URL: `http://127.0.0.1:${port}` } : undefined

    const done = await run('bash', ['-e', '-c', script], { cwd: project, env })

    expect(done.code, done.stdout + done.stderr).toBe(0)
    expect(existsSync(join(project, 'node_modules/coinslot'))).toBe(true)
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

const reportOnce = `
const teak = process.env.COINSLOT_TEAK_URL ?? process.env.COINSLOT_URL + '/teak'
const order = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-1' }
const answer = await fetch(teak + '/v2/purchase', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(order),
})
process.exit(answer.status === 200 ? 0 : 1)
`

function readExample(name: string): string {
  return readFileSync(join(root, 'test/examples', name), 'utf8')
}
