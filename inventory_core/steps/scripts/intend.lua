-- Begin to take an order's units one by one: only one delivery of it may, and it is listed.
-- KEYS: order, claim, takings.   ARGV: number, fingerprint, token
local entry = redis.call('HMGET', KEYS[1], 'fp', 'state')
local replays = { held = 'replayed', paid = 'replayed', shipped = 'replayed', refused = 'refused',
                  rolled_back = 'already_rolled_back', tombstone = 'already_rolled_back',
                  expired = 'already_expired' }
if entry[2] then
  if entry[1] ~= '' and entry[1] ~= ARGV[2] then return 'mismatched' end
  return replays[entry[2]]
end
if not redis.call('SET', KEYS[2], ARGV[3], 'NX') then return 'contended' end
redis.call('ZADD', KEYS[3], 0, ARGV[1] .. '\n' .. ARGV[3])
return 'deducted'
