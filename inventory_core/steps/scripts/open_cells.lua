-- Create counters with their opening quantities, and the journal entries that say so.
-- A counter that is there already is left alone, so two who open it at once lose nothing.
-- KEYS: journal, one cell each.   ARGV: name and quantity of each cell
for i = 2, #KEYS do
  local name, quantity = ARGV[2 * i - 3], ARGV[2 * i - 2]
  if redis.call('EXISTS', KEYS[i]) == 0 then
    redis.call('SET', KEYS[i], quantity)
    redis.call('HSET', KEYS[1], 'opening:' .. name, quantity .. ' ' .. name)
  end
end
return #KEYS - 1
