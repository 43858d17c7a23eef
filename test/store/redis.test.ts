import { afterAll, beforeAll } from 'vitest'
import { openRedisStore } from '../../src/store/redis/open.js'
import { startRedis, type RedisServer } from '../support/redis-server.js'
import { storeConformance } from './conformance.js'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

storeConformance('the store in Redis', (options) => openRedisStore({ ...options, url: server.url() }))
