-- Take everything that is left in a cell, once per key; later calls answer the same number.
-- KEYS: journal, cell.   ARGV: key, the cell's name
local before = redis.call('HGET', KEYS[1], ARGV[1])
if before then return -tonumber(string.match(before, '^(%S+)')) end
local left = math.max(0, tonumber(redis.call('GET', KEYS[2]) or '0'))
redis.call('DECRBY', KEYS[2], left)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %s', -left, ARGV[2]))
return left
