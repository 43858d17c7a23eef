/*
 * What runs inside Redis, in one step each. All keys of a script begin with its first one, the head of a workspace, whose name in
 * braces puts them into one slot of a cluster.
 *
 * head            hash: g generation in force, seed fingerprint, s version of the settings
 * head:lock       who may commit alone for a moment
 * head:G:m        hash: v version, o last place given, rows, bytes, t:TABLE version of a table, c:TABLE rows beyond the seed's
 * head:G:t:TABLE  hash: key -> "VERSION PLACE TEXT", then a line for each index entry; without place and text a row of the seed that is gone
 * head:G:o:TABLE  sorted set: keys of added rows by place
 * head:G:i:TABLE  sorted set in the order of bytes: "INDEX=VALUE\nPLACE\nKEY"
 *
 * Rows of the seed are not here until they change: each process has the seed, and a place below a thousand million is one in it.
 */

/** What every script over a workspace's keys begins with. */
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
 * not there, `c` only checks, `b` fills a generation that is not in force yet. Rows and figures that were read or written stay at
 * hand until the end, as neighbours often touch the same; every call costs more than what it does.
 */
export const commitScript = `${shared}
local call, find, sub, ARGV = redis.call, string.find, string.sub, ARGV
local at = 1
local lock = call('GET', head .. ':lock')
local current = call('HGET', head, 'g')
local rows, figures, changed = {}, {}, {}

local function row(hash, key)
  local known = rows[hash]
  if not known then
    known = {}
    rows[hash] = known
  end
  local value = known[key]
  if value == nil then
    value = call('HGET', hash, key)
    known[key] = value
  end
  return value, known
end
local function figure(m, name)
  local known = figures[m]
  if not known then
    known = {}
    figures[m] = known
    changed[m] = {}
  end
  local value = known[name]
  if value == nil then
    value = call('HGET', m, name)
    known[name] = value
  end
  return value
end
local function note(m, name, value)
  figures[m][name] = value
  changed[m][name] = value
end
local function add(m, name, delta)
  local sum = tonumber(figure(m, name) or '0') + delta
  if delta ~= 0 then note(m, name, string.format('%.0f', sum)) end
  return sum
end

local function seen(base, kind, name, key)
  if kind == 'r' then
    local value = row(base .. 't:' .. name, key)
    return value and sub(value, 1, find(value, ' ', 1, true) - 1) or ''
  end
  if kind == 't' then return figure(base .. 'm', 't:' .. name) or '' end
  if kind == 'c' then return figure(base .. 'm', 'c:' .. name) or '0' end
  return tostring(call('ZLEXCOUNT', base .. 'i:' .. name, '[' .. key .. '\\n', '(' .. key .. '\\11'))
end

local function write(base, token, tally)
  local name, key, seedPlace, isMoved, text, entries = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], tonumber(ARGV[at + 5])
  local first = at + 6
  at = first + entries
  local t = base .. 't:' .. name
  local old, known = row(t, key)
  local place, oldBytes, was = seedPlace, 0, seedPlace ~= ''
  local oldEntries
  if old then
    local a = find(old, ' ', 1, true)
    local b = find(old, ' ', a + 1, true)
    oldEntries = find(old, '\\n', b + 1, true)
    place = sub(old, a + 1, b - 1)
    oldBytes = (oldEntries or #old + 1) - b - 1
    was = oldBytes > 0
  end
  if not was and text == '' then return '0' end
  if oldEntries then
    local doomed = {}
    for entry in string.gmatch(sub(old, oldEntries + 1), '[^\\n]+') do doomed[#doomed + 1] = entry .. '\\n' .. place .. '\\n' .. key end
    call('ZREM', base .. 'i:' .. name, unpack(doomed))
  end
  if text == '' then
    if seedPlace ~= '' then
      known[key] = token .. '  '
      call('HSET', t, key, known[key])
    else
      known[key] = false
      call('HDEL', t, key)
    end
    call('ZREM', base .. 'o:' .. name, key)
  else
    if not was or isMoved == '1' then
      local number = 1000000000 + add(base .. 'm', 'o', 1)
      place = string.format('%012.0f', number)
      call('ZADD', base .. 'o:' .. name, number, key)
    end
    local value = token .. ' ' .. place .. ' ' .. text
    if entries > 0 then
      local members = {}
      for n = first, first + entries - 1 do
        members[#members + 1] = 0
        members[#members + 1] = ARGV[n] .. '\\n' .. place .. '\\n' .. key
      end
      call('ZADD', base .. 'i:' .. name, unpack(members))
      value = value .. '\\n' .. table.concat(ARGV, '\\n', first, first + entries - 1)
    end
    known[key] = value
    call('HSET', t, key, value)
  end
  tally[name] = (tally[name] or 0) + (text ~= '' and 1 or 0) - (was and 1 or 0)
  tally[1] = tally[1] + #text - oldBytes
  return was and '1' or '0'
end

local function commit()
  local mode, holder, expected, fresh, seed, token, isSetting, channel, message = unpack(ARGV, at, at + 8)
  at = at + 9
  local g = current
  if mode == 'b' then g = fresh
  else
    if lock and lock ~= holder then return {'locked'} end
    if (g or '') ~= expected then return {'moved'} end
  end
  local base = head .. ':' .. (g or fresh) .. ':'
  local reads = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, reads do
    if seen(base, ARGV[at], ARGV[at + 1], ARGV[at + 2]) ~= ARGV[at + 3] then return {'conflict'} end
    at = at + 4
  end
  if mode == 'c' then return {'ok', ''} end
  if not g then
    call('HSET', head, 'g', fresh, 'seed', seed, 's', token)
    current = fresh
  end
  local count = tonumber(ARGV[at])
  at = at + 1
  local existed, tally = {}, {0}
  for n = 1, count do existed[n] = write(base, token, tally) end
  local m = base .. 'm'
  local rowsAdded = 0
  for name, delta in pairs(tally) do
    if name ~= 1 then
      figure(m, 't:' .. name)
      note(m, 't:' .. name, token)
      add(m, 'c:' .. name, delta)
      rowsAdded = rowsAdded + delta
      if mode == 'b' then
        for _, part in ipairs({'t:', 'o:', 'i:'}) do call('EXPIRE', base .. part .. name, 3600) end
      end
    end
  end
  local total, bytes = add(m, 'rows', rowsAdded), add(m, 'bytes', tally[1])
  if count > 0 then note(m, 'v', token) end
  if isSetting == '1' then call('HSET', head, 's', token) end
  if message ~= '' then call('PUBLISH', channel, message) end
  return {'ok', table.concat(existed), total, bytes}
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
for m, fields in pairs(changed) do
  local flat = {}
  for name, value in pairs(fields) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  if #flat > 0 then
    call('HSET', m, unpack(flat))
    if m ~= head .. ':' .. (current or '') .. ':m' then call('EXPIRE', m, 3600) end
  end
end
return results
`
