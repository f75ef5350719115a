-- Take everything that is left in a cell's parts, once per key; later calls answer the same number.
-- KEYS: journal, the parts.   ARGV: key, the cell's name
local before = redis.call('HGET', KEYS[1], ARGV[1])
if before then return -tonumber(string.match(before, '^(%S+)')) end
local left = 0
for i = 2, #KEYS do
  left = left + tonumber(redis.call('GET', KEYS[i]) or '0')
  redis.call('SET', KEYS[i], 0)
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %s', -left, ARGV[2]))
return left
