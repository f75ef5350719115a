-- An entry is written: no writer will get it again. Answers whether it was still there.
-- KEYS: stream.   ARGV: id
redis.call('XACK', KEYS[1], 'writers', ARGV[1])
return redis.call('XDEL', KEYS[1], ARGV[1])
