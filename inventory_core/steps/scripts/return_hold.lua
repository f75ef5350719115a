-- Give back the units of a hold of exactly this generation, if it still has them.
-- KEYS: order, holds.   ARGV: number, generation, state to become
local entry = redis.call('HMGET', KEYS[1], 'state', 'gen', 'lines')
if entry[1] ~= 'held' or tonumber(entry[2]) ~= tonumber(ARGV[2]) then return 0 end
for cell, quantity in string.gmatch(entry[3], '(.-) (%d+)\n') do
  redis.call('INCRBY', cell, quantity)
end
redis.call('HSET', KEYS[1], 'state', ARGV[3])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
