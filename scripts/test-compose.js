// `npm run test:compose`: builds the image, starts docker-compose.yml with a second service that asks every vendor by its real name, and
// takes everything down again. Needs a Docker engine, and Compose v2 or docker-compose 1.29.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const base = 'node:24-bookworm-slim'
const image = `coinslot-test:${process.pid}`
const env = { ...process.env, COINSLOT_IMAGE: image, COINSLOT_PUBLISHED_PORT: '0', COMPOSE_IGNORE_ORPHANS: '1' }

if (!quietly('docker', 'info').ok) {
  fail('there is no Docker engine to be reached ("docker info" fails). Start one, or run npm test, which needs none.')
}
const compose = [['docker', 'compose'], ['docker-compose']].find((words) => quietly(...words, 'version').ok)
if (!compose) fail('neither "docker compose" nor "docker-compose" is installed.')
if (!quietly('docker', 'image', 'inspect', base).ok && !loudly('docker', 'pull', base)) {
  fail(`the base image ${base} is not here and cannot be pulled.`)
}

const project = [...compose, '-p', `coinslot-test-${process.pid}`, '-f', 'docker-compose.yml', '-f', 'test/compose/docker-compose.yml']
const isGood = timed('build', () => loudly(...project, 'build', 'coinslot')) && checkRun()
loudly(...project, 'down', '--volumes', '--timeout', '15')
quietly('docker', 'image', 'rm', '--force', image)
quietly('docker', 'image', 'prune', '--force', '--filter', 'label=coinslot.stage=build')
process.exit(isGood ? 0 : 1)

function checkRun() {
  const size = Number(quietly('docker', 'image', 'inspect', '--format', '{{.Size}}', image).output)
  const below = Number(quietly('docker', 'image', 'inspect', '--format', '{{.Size}}', base).output)
  say(`image ${megabytes(size)}, of which ${megabytes(size - below)} are on top of ${base}`)
  const user = quietly('docker', 'image', 'inspect', '--format', '{{.Config.User}}', image).output
  say(`runs as ${user || 'root'}`)
  const isDone = timed('start, wait until healthy, ask', () =>
    loudly(...project, 'up', '--no-build', '--abort-on-container-exit', '--exit-code-from', 'client'),
  )
  return isDone && user === 'node'
}

function timed(what, work) {
  const started = performance.now()
  const result = work()
  say(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return result
}

function loudly(...words) {
  return spawnSync(words[0], words.slice(1), { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

function quietly(...words) {
  const done = spawnSync(words[0], words.slice(1), { cwd: root, env, encoding: 'utf8' })
  return { ok: done.status === 0, output: (done.stdout ?? '').trim() }
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

function say(what) {
  process.stderr.write(`test:compose: ${what}\n`)
}

function fail(why) {
  say(why)
  process.exit(1)
}
