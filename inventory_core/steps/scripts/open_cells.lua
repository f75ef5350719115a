-- Create counters with their opening quantities, and the journal entries that say so.
-- KEYS: journal, one cell each.   ARGV: name and quantity of each cell
for i = 2, #KEYS do
  local name, quantity = ARGV[2 * i - 3], ARGV[2 * i - 2]
  redis.call('SET', KEYS[i], quantity)
  redis.call('HSET', KEYS[1], 'opening:' .. name, quantity .. ' ' .. name)
end
return #KEYS - 1
