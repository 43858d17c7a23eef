import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { aRunningSandbox } from '../cli/process.js'
import { oneRedis, purchase } from './kit.js'

const redis = oneRedis()

/** Starts the proxy of the compose file before these replicas. */
async function aProxy(urls: readonly string[]): Promise<string> {
  const file = fileURLToPath(new URL('../compose/proxy.mjs', import.meta.url))
  const env = { ...process.env, COINSLOT_REPLICAS: urls.map((url) => new URL(url).host).join(','), COINSLOT_PROXY_PORT: '0' }
  const child = spawn(process.execPath, [file], { env: { ...env, COINSLOT_PROXY_HOST: '127.0.0.1' } })
  onTestFinished(() => void child.kill('SIGKILL'))
  return new Promise((resolve) => {
    child.stdout.once('data', (line: Buffer) => resolve(/http:\S+/.exec(line.toString())![0]))
  })
}

test('replicas behind a proxy are one sandbox, and go on as one when one of them dies', { timeout: 60_000 }, async () => {
  const store = redis().url()
  const replicas = await Promise.all([1, 2, 3].map(() => aRunningSandbox(['--log', 'silent', '--store', store])))
  const proxy = await aProxy(replicas.map(({ url }) => url))
  const headers = { 'Content-Type': 'application/json', Connection: 'close' }
  const ask = (path: string, init: RequestInit = {}) => fetch(`${proxy}${path}`, { ...init, headers })
  const bought = purchase('o-1')
  const asked = []
  for (let at = 0; at < 6; at++) asked.push((await ask('/teak/v2/purchase', bought)).headers.get('x-sandbox-request') ?? '')
  const prefixes = asked.map((id) => id.replace(/\d+$/, ''))
  expect(new Set(prefixes).size).toBe(3)

  await replicas[1]!.end('SIGKILL')
  for (let at = 0; at < 6; at++) expect((await ask('/teak/v2/purchase', bought)).status).toBe(200)
  const reply = await ask('/_sandbox/traffic?outcome=repeated')
  expect(await reply.json()).toMatchObject({ total: 11 })
})
