// `npm run test:compose`: builds the image, starts docker-compose.yml with a second service that asks every vendor by its real name, then
// its profile `shared` with one that asks the proxy and every replica, and takes everything down again. Needs a Docker engine, and
// Compose v2 or docker-compose 1.29.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions } from './options.js'

readOptions(`Usage: npm run test:compose
  COINSLOT_REDIS_IMAGE  image of Redis (default: that of docker-compose.yml)`)
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const base = 'node:24-bookworm-slim'
const image = `coinslot-test:${process.pid}`
const ownRedis = `coinslot-test-redis:${process.pid}`
const ports = { COINSLOT_PUBLISHED_PORT: '0', COINSLOT_SHARED_PORT: '0' }
const env = { ...process.env, COINSLOT_IMAGE: image, ...ports, COMPOSE_IGNORE_ORPHANS: '1' }

if (!quietly('docker', 'info').ok) {
  fail('there is no Docker engine to be reached ("docker info" fails). Start one, or run npm test, which needs none.')
}
const compose = [['docker', 'compose'], ['docker-compose']].find((words) => quietly(...words, 'version').ok)
if (!compose) fail('neither "docker compose" nor "docker-compose" is installed.')
if (!quietly('docker', 'image', 'inspect', base).ok && !loudly('docker', 'pull', base)) {
  fail(`the base image ${base} is not here and cannot be pulled.`)
}

const alone = [...compose, '-p', `coinslot-test-${process.pid}`, ...filesWith('test/compose/docker-compose.yml')]
const shared = [...compose, '-p', `coinslot-test-shared-${process.pid}`, ...filesWith('test/compose/docker-compose.shared.yml')]
shared.push('--profile', 'shared')

const isBuilt = timed('build', () => loudly(...alone, 'build', 'coinslot'))
const isGood = isBuilt && [checkImage(), checkAlone(), checkShared()].every(Boolean)
quietly('docker', 'image', 'rm', '--force', image, ownRedis)
quietly('docker', 'image', 'prune', '--force', '--filter', 'label=coinslot.stage=build')
process.exit(isGood ? 0 : 1)

function checkImage() {
  const size = Number(quietly('docker', 'image', 'inspect', '--format', '{{.Size}}', image).output)
  const below = Number(quietly('docker', 'image', 'inspect', '--format', '{{.Size}}', base).output)
  say(`image ${megabytes(size)}, of which ${megabytes(size - below)} are on top of ${base}`)
  const user = quietly('docker', 'image', 'inspect', '--format', '{{.Config.User}}', image).output
  say(`runs as ${user || 'root'}`)
  return user === '1000:0'
}

function checkAlone() {
  const isDone = timed('start, wait until healthy, ask', () => runClient(alone))
  return takenDown(alone) && isDone
}

function checkShared() {
  if (!prepareRedis()) return false
  const isDone = timed('profile shared: start, wait until healthy, ask', () => runClient(shared))
  return takenDown(shared) && isDone
}

function runClient(project) {
  return loudly(...project, 'up', '--no-build', '--abort-on-container-exit', '--exit-code-from', 'client', 'client')
}

function takenDown(project) {
  return loudly(...project, 'down', '--volumes', '--timeout', '15')
}

/** The Redis of docker-compose.yml, or Debian's where it can neither be found nor pulled. */
function prepareRedis() {
  const named = env.COINSLOT_REDIS_IMAGE ?? redisOfComposeFile()
  if (quietly('docker', 'image', 'inspect', named).ok || quietly('docker', 'pull', named).ok) return true
  say(`${named} is not here and cannot be pulled; Debian's Redis takes its place`)
  env.COINSLOT_REDIS_IMAGE = ownRedis
  return loudly('docker', 'build', '--quiet', '--tag', ownRedis, '--file', 'test/compose/redis.Dockerfile', 'test/compose')
}

function redisOfComposeFile() {
  return /COINSLOT_REDIS_IMAGE:-([^}]+)\}/.exec(readFileSync(join(root, 'docker-compose.yml'), 'utf8'))[1]
}

function filesWith(own) {
  return ['-f', 'docker-compose.yml', '-f', own]
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
