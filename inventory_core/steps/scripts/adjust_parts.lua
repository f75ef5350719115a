-- Change a cell that lies in parts by a signed number of units, once per key.
-- KEYS: journal, the parts.   ARGV: key, delta, the cell's name
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 'already_adjusted' end
local delta, parts, there = tonumber(ARGV[2]), #KEYS - 1, 0
for i = 2, #KEYS do there = there + tonumber(redis.call('GET', KEYS[i]) or '0') end
if there + delta < 0 then return 'refused' end
if delta >= 0 then -- what comes in is dealt out
  local each, more = math.floor(delta / parts), delta % parts
  for i = 0, parts - 1 do redis.call('INCRBY', KEYS[2 + i], each + (i < more and 1 or 0)) end
else
  local wanted = -delta
  for i = 2, #KEYS do
    local taken = math.min(tonumber(redis.call('GET', KEYS[i]) or '0'), wanted)
    if taken > 0 then redis.call('DECRBY', KEYS[i], taken) end
    wanted = wanted - taken
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
return 'adjusted'
