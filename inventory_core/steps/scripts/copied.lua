-- Take a note off the list, unless the order has changed since it was read for the copy.
-- KEYS: changed, order.   ARGV: what, state and generation as copied (empty: it never changes)
if ARGV[2] ~= '' then
  local entry = redis.call('HMGET', KEYS[2], 'state', 'gen')
  if entry[1] ~= ARGV[2] or entry[2] ~= ARGV[3] then return 0 end
end
return redis.call('ZREM', KEYS[1], ARGV[1])
