import { shared } from './scripts.js'

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
