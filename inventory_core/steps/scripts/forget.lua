-- Drop an order from the list of open holds.
-- KEYS: holds.   ARGV: number
return redis.call('ZREM', KEYS[1], ARGV[1])
