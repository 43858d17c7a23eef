// What sharing a port between TLS and plain HTTP costs: requests a second, in pairs that take turns, against node's own servers over the
// same sandbox. node scripts/bench/tls.js [pairs] [seconds]
import autocannon from 'autocannon'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const [pairs = 20, seconds = 1] = process.argv.slice(2).map(Number)
const servers = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('tls-servers.ts', import.meta.url))], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const [line] = await once(servers.stdout, 'data')
const ports = JSON.parse(line.toString())

const comparisons = [
  {
    what: 'TLS on a shared port, of node:https',
    ours: `https://127.0.0.1:${ports.shared}`,
    theirs: `https://127.0.0.1:${ports.https}`,
    least: 0.85,
  },
  {
    what: 'plain HTTP on a shared port, of a port of HTTP alone',
    ours: `http://127.0.0.1:${ports.shared}`,
    theirs: `http://127.0.0.1:${ports.http}`,
    least: 0.9,
  },
]
let isGood = true
for (const { what, ours, theirs, least } of comparisons) {
  await rate(ours)
  await rate(theirs)
  const ratios = []
  for (let pair = 0; pair < pairs; pair++) ratios.push((await rate(ours)) / (await rate(theirs)))
  const median = ratios.sort((a, b) => a - b)[Math.floor(pairs / 2)]
  isGood &&= median >= least
  process.stdout.write(`${what}: ${(median * 100).toFixed(1)}% (at least ${least * 100}%), ${pairs} pairs of ${seconds} s\n`)
}
servers.stdin.end()
process.exitCode = isGood ? 0 : 1

async function rate(url) {
  const result = await autocannon({
    url: `${url}/teak/v2/purchase`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"game_id":"123456","secret_key":"server-secret","user_id":"player-1","amount":499,"platform_id":"bench"}',
    connections: 32,
    duration: seconds,
  })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: ${result.non2xx} refusals, ${result.errors} errors`)
  return result.requests.average
}
