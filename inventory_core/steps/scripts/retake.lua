-- Take the units of a known order once more, as a newer generation.
-- KEYS: order, holds.   ARGV: number, generation
local entry = redis.call('HMGET', KEYS[1], 'state', 'gen', 'lines', 'due')
local generation = tonumber(ARGV[2])
if not entry[1] or generation < tonumber(entry[2]) then return 'refused' end
if generation == tonumber(entry[2]) then
  return entry[1] == 'held' and 'replayed' or 'refused'
end
local function each_line(act)
  for cell, quantity in string.gmatch(entry[3], '(.-) (%d+)\n') do act(cell, tonumber(quantity)) end
end
if entry[1] == 'held' then -- an older generation, closed elsewhere and not yet returned
  each_line(function(cell, n) redis.call('INCRBY', cell, n) end)
end
local enough = true
each_line(function(cell, n)
  if tonumber(redis.call('GET', cell) or '0') < n then enough = false end
end)
if enough then
  each_line(function(cell, n) redis.call('DECRBY', cell, n) end)
  redis.call('ZADD', KEYS[2], entry[4], ARGV[1])
  redis.call('HSET', KEYS[1], 'gen', generation, 'state', 'held')
  return 'deducted'
end
if entry[1] == 'held' then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('HSET', KEYS[1], 'state', 'expired')
end
return 'refused' -- not remembered: a later payment asks anew
