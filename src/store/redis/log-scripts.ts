/*
 * The log of a workspace in Redis:
 *
 * head:log         stream of the newest entries: "PLACE-1" with s size and d data
 * head:log:state   hash: e epoch, n last place, z place at the last clearing, b bytes kept, w weight of exact counts, r:N last number of process N
 * head:log:counts  hash: name -> count
 */

/** Appends entries, counts them, and drops the oldest beyond the limits. */
export const appendScript = `
local log, state, counts = KEYS[1] .. ':log', KEYS[1] .. ':log:state', KEYS[1] .. ':log:counts'
local epoch, channel, mostEntries, mostBytes, mostWeight = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
redis.call('HSETNX', state, 'e', epoch)
redis.call('HSET', state, 'r:' .. ARGV[6], ARGV[7])
local bytes = tonumber(redis.call('HGET', state, 'b') or '0')
for at = 8, #ARGV, 5 do
  local place = redis.call('HINCRBY', state, 'n', 1)
  if mostEntries > 0 then
    redis.call('XADD', log, string.format('%.0f-1', place), 's', ARGV[at + 1], 'd', ARGV[at])
    bytes = bytes + tonumber(ARGV[at + 1])
  end
  if redis.call('HEXISTS', counts, ARGV[at + 2]) == 1 then redis.call('HINCRBY', counts, ARGV[at + 2], 1)
  else
    local weight = tonumber(ARGV[at + 4])
    if tonumber(redis.call('HGET', state, 'w') or '0') + weight <= mostWeight then
      redis.call('HINCRBY', state, 'w', weight)
      redis.call('HINCRBY', counts, ARGV[at + 2], 1)
    else redis.call('HINCRBY', counts, ARGV[at + 3], 1) end
  end
end
local kept = redis.call('XLEN', log)
while kept > mostEntries or (bytes > mostBytes and kept > 1) do
  local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
  bytes = bytes - tonumber(oldest[2][2])
  redis.call('XDEL', log, oldest[1])
  kept = kept - 1
end
redis.call('HSET', state, 'b', string.format('%.0f', bytes))
redis.call('PUBLISH', channel, '')
return 1
`

/** Reads a page of entries after a place, with the state and the counts. */
export const readScript = `
local log, state, counts = KEYS[1] .. ':log', KEYS[1] .. ':log:state', KEYS[1] .. ':log:counts'
local epoch = redis.call('HGET', state, 'e') or ''
local from = ARGV[1] == epoch and string.format('%.0f', tonumber(ARGV[2]) + 1) or '-'
local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
local wanted = (ARGV[3] == '1' or ARGV[1] ~= epoch) and redis.call('HGETALL', counts) or false
return {
  epoch,
  redis.call('HGETALL', state),
  redis.call('XLEN', log),
  oldest and oldest[1] or '',
  redis.call('XRANGE', log, from, '+', 'COUNT', ARGV[4]),
  wanted
}
`

/** Deletes entries and counts. Places continue. */
export const clearScript = `
local log, state, counts = KEYS[1] .. ':log', KEYS[1] .. ':log:state', KEYS[1] .. ':log:counts'
redis.call('UNLINK', log, counts)
redis.call('HSET', state, 'e', ARGV[1], 'z', redis.call('HGET', state, 'n') or '0', 'b', '0', 'w', '0')
redis.call('PUBLISH', ARGV[2], '')
return 1
`
