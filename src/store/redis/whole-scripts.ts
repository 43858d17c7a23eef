import { shared } from './scripts.js'

/** Puts a generation in force, made before or empty, and forgets the one before. With `make` only where there is none. Answers 1 with its figures, or 0. */
export const turnScript = `${shared}
local mode, fresh, seed, token, channel, message = unpack(ARGV)
local old = redis.call('HGET', head, 'g')
if old and mode == 'make' then return {0} end
local base = head .. ':' .. fresh .. ':'
for _, field in ipairs(redis.call('HKEYS', base .. 'm')) do
  if string.sub(field, 1, 2) == 't:' then
    for _, part in ipairs({'t:', 'o:', 'i:'}) do redis.call('PERSIST', base .. part .. string.sub(field, 3)) end
  end
end
redis.call('PERSIST', base .. 'm')
redis.call('HSET', head, 'g', fresh, 'seed', seed, 's', token)
if old then unlink(old) end
if message ~= '' then redis.call('PUBLISH', channel, message) end
local figures = redis.call('HMGET', base .. 'm', 'rows', 'bytes')
return {1, figures[1] or '0', figures[2] or '0'}
`

/** Forgets a workspace with all it has; 0 when there was none. */
export const dropScript = `${shared}
local channel, message = unpack(ARGV)
local old = redis.call('HGET', head, 'g')
redis.call('UNLINK', head .. ':snapshots', head .. ':log', head .. ':log:state', head .. ':log:counts')
if not old then return 0 end
unlink(old)
redis.call('UNLINK', head, head .. ':lock')
redis.call('PUBLISH', channel, message)
return 1
`
