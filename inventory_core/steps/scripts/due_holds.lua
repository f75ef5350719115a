-- Numbers of unpaid holds whose deadline has passed on this store's clock, oldest first.
-- KEYS: holds.   ARGV: limit
local now = redis.call('TIME')
local ms = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ms, 'LIMIT', 0, ARGV[1])
