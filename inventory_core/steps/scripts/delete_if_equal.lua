-- Free a lock, but only one's own. Source: the Redis manual, "Distributed locks with Redis".
-- KEYS: lock.   ARGV: the value that its holder set
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
