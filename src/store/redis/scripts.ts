/*
 * What runs inside Redis, in one step each. All keys of a script begin with its first one, the head of a workspace, whose name in
 * braces puts them into one slot of a cluster.
 *
 * head            hash: g generation in force, seed fingerprint, s version of the settings
 * head:lock       who may commit alone for a moment
 * head:G:m        hash: v version, o last place given, rows, bytes, t:TABLE version of a table, c:TABLE rows beyond the seed's
 * head:G:t:TABLE  hash: key -> "VERSION PLACE TEXT"; without place and text a row of the seed that is gone
 * head:G:o:TABLE  sorted set: keys of added rows by place
 * head:G:x:TABLE  hash: key -> index entries of the row, a line each
 * head:G:i:TABLE  sorted set in the order of bytes: "INDEX=VALUE\nPLACE\nKEY"
 *
 * Rows of the seed are not here until they change: each process has the seed, and a place below a thousand million is one in it.
 */

const shared = `
local head = KEYS[1]
local function unlink(g)
  local base = head .. ':' .. g .. ':'
  for _, field in ipairs(redis.call('HKEYS', base .. 'm')) do
    if string.sub(field, 1, 2) == 't:' then
      local name = string.sub(field, 3)
      redis.call('UNLINK', base .. 't:' .. name, base .. 'o:' .. name, base .. 'x:' .. name, base .. 'i:' .. name)
    end
  end
  redis.call('UNLINK', base .. 'm')
end
local function values(key, from)
  local found = {}
  for at = from, #ARGV, 5000 do
    local part = redis.call('HMGET', key, unpack(ARGV, at, math.min(at + 4999, #ARGV)))
    for i = 1, #part do found[#found + 1] = part[i] end
  end
  return found
end
`

/**
 * Checks what several transactions read and writes what they wrote, one after the other. Modes: `w` makes the workspace where it is
 * not there, `c` only checks, `b` fills a generation that is not in force yet.
 */
export const commitScript = `${shared}
local at = 1
local function take()
  at = at + 1
  return ARGV[at - 1]
end
local lock = redis.call('GET', head .. ':lock')
local current = redis.call('HGET', head, 'g')

local function seen(base, kind, name, key)
  if kind == 'r' then
    local value = redis.call('HGET', base .. 't:' .. name, key)
    return value and string.sub(value, 1, string.find(value, ' ', 1, true) - 1) or ''
  end
  if kind == 't' then return redis.call('HGET', base .. 'm', 't:' .. name) or '' end
  if kind == 'c' then return redis.call('HGET', base .. 'm', 'c:' .. name) or '0' end
  return tostring(redis.call('ZLEXCOUNT', base .. 'i:' .. name, '[' .. key .. '\\n', '(' .. key .. '\\11'))
end

local function write(base, token, deltas)
  local name, key, seedPlace, isMoved, text = take(), take(), take(), take(), take()
  local entries = tonumber(take())
  local first = at
  at = at + entries
  local t, o, x, i = base .. 't:' .. name, base .. 'o:' .. name, base .. 'x:' .. name, base .. 'i:' .. name
  local old = redis.call('HGET', t, key)
  local place, oldBytes, was = seedPlace, 0, seedPlace ~= ''
  if old then
    local a = string.find(old, ' ', 1, true)
    local b = string.find(old, ' ', a + 1, true)
    place = string.sub(old, a + 1, b - 1)
    oldBytes = #old - b
    was = oldBytes > 0
  end
  if not was and text == '' then return '0' end
  local oldEntries = old and redis.call('HGET', x, key)
  if oldEntries then
    for entry in string.gmatch(oldEntries, '[^\\n]+') do redis.call('ZREM', i, entry .. '\\n' .. place .. '\\n' .. key) end
  end
  if text == '' then
    if seedPlace ~= '' then redis.call('HSET', t, key, token .. '  ') else redis.call('HDEL', t, key) end
    redis.call('ZREM', o, key)
    if oldEntries then redis.call('HDEL', x, key) end
  else
    if not was or isMoved == '1' then
      local number = 1000000000 + redis.call('HINCRBY', base .. 'm', 'o', 1)
      place = string.format('%012.0f', number)
      redis.call('ZADD', o, number, key)
    end
    redis.call('HSET', t, key, token .. ' ' .. place .. ' ' .. text)
    for n = first, first + entries - 1 do redis.call('ZADD', i, 0, ARGV[n] .. '\\n' .. place .. '\\n' .. key) end
    if entries > 0 then redis.call('HSET', x, key, table.concat(ARGV, '\\n', first, first + entries - 1))
    elseif oldEntries then redis.call('HDEL', x, key) end
  end
  local delta = deltas[name] or 0
  deltas[name] = delta + (text ~= '' and 1 or 0) - (was and 1 or 0)
  deltas[1] = deltas[1] + #text - oldBytes
  return was and '1' or '0'
end

local function commit()
  local mode, holder, expected, fresh, seed, token, isSetting, channel, message = take(), take(), take(), take(), take(), take(), take(), take(), take()
  local g = current
  if mode == 'b' then g = fresh
  else
    if lock and lock ~= holder then return {'locked'} end
    if (g or '') ~= expected then return {'moved'} end
  end
  local base = head .. ':' .. (g or fresh) .. ':'
  for _ = 1, tonumber(take()) do
    local kind, name, key, version = take(), take(), take(), take()
    if seen(base, kind, name, key) ~= version then return {'conflict'} end
  end
  if mode == 'c' then return {'ok', ''} end
  if not g then
    redis.call('HSET', head, 'g', fresh, 'seed', seed, 's', token)
    current = fresh
  end
  local count = tonumber(take())
  local existed, deltas = {}, {0}
  for n = 1, count do existed[n] = write(base, token, deltas) end
  local m = base .. 'm'
  if count > 0 then redis.call('HSET', m, 'v', token) end
  local rows = 0
  for name, delta in pairs(deltas) do
    if name ~= 1 then
      redis.call('HSET', m, 't:' .. name, token)
      if delta ~= 0 then redis.call('HINCRBY', m, 'c:' .. name, delta) end
      rows = rows + delta
    end
    if mode == 'b' and name ~= 1 then
      for _, part in ipairs({'t:', 'o:', 'x:', 'i:'}) do redis.call('EXPIRE', base .. part .. name, 3600) end
    end
  end
  rows = redis.call('HINCRBY', m, 'rows', rows)
  local bytes = redis.call('HINCRBY', m, 'bytes', deltas[1])
  if mode == 'b' then redis.call('EXPIRE', m, 3600) end
  if isSetting == '1' then redis.call('HSET', head, 's', token) end
  if message ~= '' then redis.call('PUBLISH', channel, message) end
  return {'ok', table.concat(existed), rows, bytes}
end

local results = {}
for c = 1, tonumber(take()) do
  local length = tonumber(take())
  local after = at + length
  results[c] = commit()
  at = after
end
return results
`

/** Puts a generation in force, made before or empty, and forgets the one before. With `make` only where there is none. */
export const turnScript = `${shared}
local mode, fresh, seed, token, channel, message = unpack(ARGV)
local old = redis.call('HGET', head, 'g')
if old and mode == 'make' then return 0 end
local base = head .. ':' .. fresh .. ':'
for _, field in ipairs(redis.call('HKEYS', base .. 'm')) do
  if string.sub(field, 1, 2) == 't:' then
    for _, part in ipairs({'t:', 'o:', 'x:', 'i:'}) do redis.call('PERSIST', base .. part .. string.sub(field, 3)) end
  end
end
redis.call('PERSIST', base .. 'm')
redis.call('HSET', head, 'g', fresh, 'seed', seed, 's', token)
if old then unlink(old) end
if message ~= '' then redis.call('PUBLISH', channel, message) end
return 1
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

/**
 * A page of a table: what became of some rows of the seed, and added rows from a place on, at most so many (-1: all). Answers the
 * generation in force, the version of the table, the values of the seed's rows, and keys and values of the added ones.
 */
export const pageScript = `${shared}
local g, name, from, limit = unpack(ARGV, 1, 4)
local base = head .. ':' .. g .. ':'
local keys = redis.call('ZRANGEBYSCORE', base .. 'o:' .. name, from, '+inf', 'LIMIT', 0, limit)
local added = {}
for at = 1, #keys, 5000 do
  local last = math.min(at + 4999, #keys)
  local part = redis.call('HMGET', base .. 't:' .. name, unpack(keys, at, last))
  for i = 1, #part do
    added[#added + 1] = keys[at + i - 1]
    added[#added + 1] = part[i]
  end
end
return {redis.call('HGET', head, 'g'), redis.call('HGET', base .. 'm', 't:' .. name), values(base .. 't:' .. name, 5), added}
`

/** Rows that an index finds beside those of the seed; the answer is that of a page. */
export const findScript = `${shared}
local g, name, entry = unpack(ARGV, 1, 3)
local base = head .. ':' .. g .. ':'
local found = {}
for _, member in ipairs(redis.call('ZRANGEBYLEX', base .. 'i:' .. name, '[' .. entry .. '\\n', '(' .. entry .. '\\11')) do
  local key = string.sub(member, #entry + 15)
  found[#found + 1] = key
  found[#found + 1] = redis.call('HGET', base .. 't:' .. name, key)
end
return {redis.call('HGET', head, 'g'), redis.call('HGET', base .. 'm', 't:' .. name), values(base .. 't:' .. name, 4), found}
`

/** Enters a name among the workspaces: 1 when it is there, 0 when there are too many. */
export const enrolScript = `
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
redis.call('ZADD', KEYS[1], (tonumber(last[2]) or 0) + 1, ARGV[1])
return 1
`

/** Lets go of a key that still says who holds it. */
export const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`

/** Holds a key for so many milliseconds: taken when it is free, prolonged when it is one's own. */
export const holdScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`
