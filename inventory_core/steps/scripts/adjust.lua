-- Change a cell by a signed number of units, once per key.
-- KEYS: journal, cell.   ARGV: key, delta, the cell's name
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 'already_adjusted' end
local delta = tonumber(ARGV[2])
if tonumber(redis.call('GET', KEYS[2]) or '0') + delta < 0 then return 'refused' end
redis.call('INCRBY', KEYS[2], ARGV[2])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
return 'adjusted'
