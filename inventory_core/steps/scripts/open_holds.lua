-- The orders that hold units, with their generations, from a place of the deadline order on.
-- KEYS: holds, key of the order with the empty number.   ARGV: start, limit
local found = {}
local last = tonumber(ARGV[1]) + tonumber(ARGV[2]) - 1
for _, number in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[1], last)) do
  found[#found + 1] = number
  found[#found + 1] = redis.call('HGET', KEYS[2] .. number, 'gen')
end
return found
