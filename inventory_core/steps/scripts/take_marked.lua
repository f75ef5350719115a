-- Decrement a counter, whatever it holds, and note for whom; answers what it holds now.
-- KEYS: cell, marks, takings.   ARGV: number, token, quantity
redis.call('HINCRBY', KEYS[2], KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[3], 0, ARGV[1] .. '\n' .. ARGV[2])
return redis.call('DECRBY', KEYS[1], ARGV[3])
