-- Take as much as one part has, up to what is wanted, and note for whom; answers how much.
-- KEYS: part, marks, takings.   ARGV: number, token, wanted
local taken = math.min(tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[3]))
if taken > 0 then
  redis.call('DECRBY', KEYS[1], taken)
  redis.call('HINCRBY', KEYS[2], KEYS[1], taken)
  redis.call('ZADD', KEYS[3], 0, ARGV[1] .. '\n' .. ARGV[2])
end
return taken
