-- Create counters in several parts each, dealt out evenly, with the journal entries that say so.
-- A counter that is there already is left alone, so two who open it at once lose nothing.
-- KEYS: journal, scattered, the parts of each cell.   ARGV: parts, name and quantity of each cell
local parts = tonumber(ARGV[1])
for cell = 1, (#ARGV - 1) / 2 do
  local name, quantity, first = ARGV[2 * cell], ARGV[2 * cell + 1], 3 + (cell - 1) * parts
  if redis.call('EXISTS', KEYS[first]) == 0 then
    local each, more = math.floor(quantity / parts), quantity % parts
    for i = 0, parts - 1 do redis.call('SET', KEYS[first + i], each + (i < more and 1 or 0)) end
    redis.call('HSET', KEYS[1], 'opening:' .. name, quantity .. ' ' .. name)
    redis.call('ZADD', KEYS[2], 0, name)
  end
end
return #KEYS - 2
