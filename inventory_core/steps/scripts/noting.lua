-- Carry out another script (`decided`), and note in the same step what it was about.
-- KEYS: those of the other script, changed.   ARGV: those of the other script, what, body
-- A body is what was asked for; it is kept with the order that the other script was about.
local keys, arguments = {}, {}
for i = 1, #KEYS - 1 do keys[i] = KEYS[i] end
for i = 1, #ARGV - 2 do arguments[i] = ARGV[i] end
local answer, body = decided(keys, arguments), ARGV[#ARGV]
if body ~= '' and redis.call('HEXISTS', KEYS[1], 'body') == 0 then
  redis.call('HSET', KEYS[1], 'body', body)
end
redis.call('ZADD', KEYS[#KEYS], 0, ARGV[#ARGV - 1])
return answer
