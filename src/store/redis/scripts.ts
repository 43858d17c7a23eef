/*
 * Scripts that run atomically inside Redis. All keys of a script begin with its first one, the head of a workspace, whose name in
 * braces puts them into one slot of a cluster.
 *
 * head            hash: g current generation, seed fingerprint, s version of the settings
 * head:lock       holder of the exclusive right to commit
 * head:G:m        hash: v version, o last place given, rows, bytes, t:TABLE version of a table, c:TABLE rows beyond the seed's
 * head:G:t:TABLE  hash: key -> "VERSION PLACE TEXT", then a line for each index entry; without place and text a row of the seed that is gone
 * head:G:o:TABLE  sorted set: keys of added rows by place
 * head:G:i:TABLE  sorted set in the order of bytes: "INDEX=VALUE\nPLACE\nKEY"
 *
 * Rows of the seed are stored only once they change, because each process has the seed. Places below 1,000,000,000 are positions in it.
 */

/** Beginning of every script on the keys of a workspace. */
export const shared = `
local head = KEYS[1]
local function unlink(g)
  local base = head .. ':' .. g .. ':'
  for _, field in ipairs(redis.call('HKEYS', base .. 'm')) do
    if string.sub(field, 1, 2) == 't:' then
      local name = string.sub(field, 3)
      redis.call('UNLINK', base .. 't:' .. name, base .. 'o:' .. name, base .. 'i:' .. name)
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
 * not there, `c` only checks, `b` fills a generation that is not in force yet. What is read and written stays at hand until the end
 * and goes out together: every call costs more than what it does, and neighbours often touch the same.
 */
export const commitScript = `${shared}
local call, find, sub, ARGV = redis.call, string.find, string.sub, ARGV
local at = 1
local lock = call('GET', head .. ':lock')
local current = call('HGET', head, 'g')
local generations = {}

local function generation(g)
  local known = generations[g]
  if known then return known end
  local base = head .. ':' .. g .. ':'
  local figures = call('HMGET', base .. 'm', 'o', 'rows', 'bytes')
  known = {base = base, o = tonumber(figures[1] or 0), rows = tonumber(figures[2] or 0), bytes = tonumber(figures[3] or 0), tables = {}}
  generations[g] = known
  return known
end
local function tableOf(g, name)
  local known = g.tables[name]
  if known then return known end
  local base = g.base
  known = {t = base .. 't:' .. name, o = base .. 'o:' .. name, i = base .. 'i:' .. name, rows = {}, added = 0, puts = {}, places = {}, entries = {}}
  g.tables[name] = known
  return known
end
local function rowOf(t, key)
  local value = t.rows[key]
  if value == nil then
    value = call('HGET', t.t, key)
    t.rows[key] = value
  end
  return value
end
local function flush(t)
  if #t.puts > 0 then call('HSET', t.t, unpack(t.puts)) end
  if #t.places > 0 then call('ZADD', t.o, unpack(t.places)) end
  if #t.entries > 0 then call('ZADD', t.i, unpack(t.entries)) end
  t.puts, t.places, t.entries = {}, {}, {}
end

local function seen(g, kind, name, key)
  local t = tableOf(g, name)
  if kind == 'r' then
    local value = rowOf(t, key)
    return value and sub(value, 1, find(value, ' ', 1, true) - 1) or ''
  end
  if kind == 't' then return t.version or call('HGET', g.base .. 'm', 't:' .. name) or '' end
  if kind == 'c' then return tostring(tonumber(call('HGET', g.base .. 'm', 'c:' .. name) or 0) + t.added) end
  flush(t)
  return tostring(call('ZLEXCOUNT', t.i, '[' .. key .. '\\n', '(' .. key .. '\\11'))
end

local function write(g, token)
  local name, key, seedPlace, text, entries = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 4], tonumber(ARGV[at + 5])
  local isMoved, first = ARGV[at + 3] == '1', at + 6
  at = first + entries
  local t = tableOf(g, name)
  local old = rowOf(t, key)
  local place, oldBytes, was, oldEntries = seedPlace, 0, seedPlace ~= '', nil
  if old then
    local a = find(old, ' ', 1, true)
    local b = find(old, ' ', a + 1, true)
    oldEntries = find(old, '\\n', b + 1, true)
    place = sub(old, a + 1, b - 1)
    oldBytes = (oldEntries or #old + 1) - b - 1
    was = oldBytes > 0
  end
  if not was and text == '' then return '0' end
  t.version = token
  g.bytes = g.bytes + #text - oldBytes
  if oldEntries then
    flush(t)
    local doomed = {}
    for entry in string.gmatch(sub(old, oldEntries + 1), '[^\\n]+') do doomed[#doomed + 1] = entry .. '\\n' .. place .. '\\n' .. key end
    call('ZREM', t.i, unpack(doomed))
  end
  if text == '' then
    flush(t)
    local gone = seedPlace ~= '' and token .. '  '
    if gone then call('HSET', t.t, key, gone) else call('HDEL', t.t, key) end
    call('ZREM', t.o, key)
    t.rows[key] = gone
    t.added = t.added - 1
    g.rows = g.rows - 1
    return '1'
  end
  if not was or isMoved then
    g.o = g.o + 1
    -- Twelve digits, so that places stand in the order of bytes too.
    place = '00' .. (1000000000 + g.o)
    local places = t.places
    places[#places + 1] = place
    places[#places + 1] = key
  end
  local value = token .. ' ' .. place .. ' ' .. text
  if entries > 0 then
    local list = t.entries
    for n = first, first + entries - 1 do
      list[#list + 1] = 0
      list[#list + 1] = ARGV[n] .. '\\n' .. place .. '\\n' .. key
    end
    value = value .. '\\n' .. table.concat(ARGV, '\\n', first, first + entries - 1)
  end
  local puts = t.puts
  puts[#puts + 1] = key
  puts[#puts + 1] = value
  t.rows[key] = value
  if #puts + #t.entries > 2000 then flush(t) end
  if was then return '1' end
  t.added = t.added + 1
  g.rows = g.rows + 1
  return '0'
end

local function commit()
  local mode, holder, fresh, token, begin = ARGV[at], ARGV[at + 1], ARGV[at + 3], ARGV[at + 5], at
  at = at + 9
  local name = current
  if mode == 'b' then name = fresh
  else
    if lock and lock ~= holder then return {'locked'} end
    if (name or '') ~= ARGV[begin + 2] then return {'moved'} end
  end
  local g = generation(name or fresh)
  local reads = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, reads do
    if seen(g, ARGV[at], ARGV[at + 1], ARGV[at + 2]) ~= ARGV[at + 3] then return {'conflict'} end
    at = at + 4
  end
  if mode == 'c' then return {'ok', ''} end
  if not name then
    call('HSET', head, 'g', fresh, 'seed', ARGV[begin + 4], 's', token)
    current = fresh
  end
  local count, existed = tonumber(ARGV[at]), ''
  at = at + 1
  for _ = 1, count do existed = existed .. write(g, token) end
  if count > 0 then g.version = token end
  if ARGV[begin + 6] == '1' then call('HSET', head, 's', token) end
  if ARGV[begin + 8] ~= '' then call('PUBLISH', ARGV[begin + 7], ARGV[begin + 8]) end
  return {'ok', existed, g.rows, g.bytes}
end

local results = {}
local commits = tonumber(ARGV[1])
at = 2
for c = 1, commits do
  local after = at + 1 + tonumber(ARGV[at])
  at = at + 1
  results[c] = commit()
  at = after
end
for name, g in pairs(generations) do
  if g.version then
    local figures = {'v', g.version, 'o', g.o, 'rows', g.rows, 'bytes', string.format('%.0f', g.bytes)}
    local keys = {g.base .. 'm'}
    for of, t in pairs(g.tables) do
      flush(t)
      if t.version then
        figures[#figures + 1] = 't:' .. of
        figures[#figures + 1] = t.version
        if t.added ~= 0 then call('HINCRBY', g.base .. 'm', 'c:' .. of, t.added) end
        for _, key in ipairs({t.t, t.o, t.i}) do keys[#keys + 1] = key end
      end
    end
    call('HSET', g.base .. 'm', unpack(figures))
    -- A generation that is not made current within an hour was abandoned.
    if name ~= current then for _, key in ipairs(keys) do call('EXPIRE', key, 3600) end end
  end
end
return results
`
