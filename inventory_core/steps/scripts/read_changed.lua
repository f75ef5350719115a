-- What has changed and was not copied yet, from a place on.
-- KEYS: changed.   ARGV: start, limit
return redis.call('ZRANGE', KEYS[1], ARGV[1], tonumber(ARGV[1]) + tonumber(ARGV[2]) - 1)
