import { test } from 'vitest'
import { redisCuts } from '../../scripts/torture/trials/redis/cuts.js'
import { redisFailover } from '../../scripts/torture/trials/redis/failover.js'
import { redisMemory } from '../../scripts/torture/trials/redis/memory.js'
import { redisReplicas } from '../../scripts/torture/trials/redis/replicas.js'
import { redisServer } from '../../scripts/torture/trials/redis/server.js'
import { holds } from './short-form.js'

test('kill -9 of a process loses nothing that it acknowledged, and the others go on', () => holds(redisReplicas))

test('kill -9 of Redis loses nothing that was acknowledged, and the processes go on by themselves', () => holds(redisServer))

test('a failover doubles nothing, and loses only what the replica never had', () => holds(redisFailover))

test('connections to Redis that are cut at random bytes lose nothing and double nothing', () => holds(redisCuts))

test('a Redis without memory refuses in the vendors’ words and takes writes again when there is room', () => holds(redisMemory))
