import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRedisStore } from '../../src/store/redis/open.js'
import { startRedis, type RedisServer } from '../support/redis-server.js'
import { storeConformance } from './conformance.js'
import { storeOptions } from './fixtures.js'

const nodes: RedisServer[] = []
let early: unknown
let opened = 0

beforeAll(async () => {
  for (let at = 0; at < 3; at++) nodes.push(await startRedis(['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'], highestBase))
  const opening = openRedisStore({ ...storeOptions(), url: nodes[0]!.url('early') })
  early = await Promise.race([opening, new Promise((resume) => setTimeout(resume, 300, 'not yet'))])
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  await promisify(execFile)('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'])
  await (await opening).close()
})
afterAll(async () => {
  for (const node of nodes) await node.stop()
})

/** The nodes of a cluster talk to each other on a port ten thousand higher. */
const highestBase = 55_000

test('a cluster that is still forming is waited for', () => {
  expect(early).toBe('not yet')
})

storeConformance('the store in a cluster', (options) => openRedisStore({ ...options, url: nodes[++opened % 3]!.url(`c${opened}`) }))
