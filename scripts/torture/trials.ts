import type { Trial } from './trial.js'
import { clock } from './trials/clock.js'
import { controlCalls } from './trials/control.js'
import { deliveries } from './trials/deliveries.js'
import { descriptors } from './trials/descriptors.js'
import { fold } from './trials/fold.js'
import { fullDisk } from './trials/full-disk.js'
import { fullMemory } from './trials/full-memory.js'
import { idle } from './trials/idle.js'
import { kill, killOverTls } from './trials/kill.js'
import { memory } from './trials/memory.js'
import { powerCut } from './trials/power-cut.js'
import { redisCuts } from './trials/redis/cuts.js'
import { redisFailover } from './trials/redis/failover.js'
import { redisMemory } from './trials/redis/memory.js'
import { redisReplicas } from './trials/redis/replicas.js'
import { redisServer } from './trials/redis/server.js'
import { sequence } from './trials/sequence.js'
import { slowClients } from './trials/slow-clients.js'
import { terminate } from './trials/terminate.js'

/** Every trial, in the order in which they run. */
export const trials: readonly Trial[] = [
  kill,
  killOverTls,
  fold,
  controlCalls,
  sequence,
  deliveries,
  powerCut,
  fullDisk,
  clock,
  descriptors,
  slowClients,
  idle,
  memory,
  fullMemory,
  terminate,
  redisReplicas,
  redisServer,
  redisFailover,
  redisCuts,
  redisMemory,
]
