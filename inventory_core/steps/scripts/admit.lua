-- A gate: is the article marked as sold out, and is there a token in the bucket?
-- Who was let in or refused once is answered the same again, whatever has come back since.
-- KEYS: gate, the order's own, one sold-out flag a take.   ARGV: tokens a second, bucket size
local decided = redis.call('GET', KEYS[2])
if decided then return decided end
for i = 3, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    redis.call('SET', KEYS[2], 'refused')
    return 'refused'
  end
end
local now = redis.call('TIME')
local now_ms = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
local rate, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local entry = redis.call('HMGET', KEYS[1], 'milli', 'at')
local milli, at = tonumber(entry[1] or size * 1000), tonumber(entry[2] or now_ms)
milli = math.min(size * 1000, milli + (now_ms - at) * rate)
if milli < 1000 then return 'contended' end
redis.call('HSET', KEYS[1], 'milli', milli - 1000, 'at', now_ms)
redis.call('SET', KEYS[2], 'deducted')
return 'deducted'
