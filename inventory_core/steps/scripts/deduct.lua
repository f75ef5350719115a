-- Claim an order, check every line, take all or nothing, and remember the answer.
-- KEYS: order, holds, one cell a take.   ARGV: number, fingerprint, hold ms, quantities
local order, holds, number, fingerprint = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local entry = redis.call('HMGET', order, 'fp', 'state')
local replays = { held = 'replayed', paid = 'replayed', shipped = 'replayed', refused = 'refused',
                  rolled_back = 'already_rolled_back', tombstone = 'already_rolled_back',
                  expired = 'already_expired' }
if entry[2] then
  if entry[1] ~= '' and entry[1] ~= fingerprint then return 'mismatched' end
  return replays[entry[2]]
end
local now = redis.call('TIME')
local due = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) + tonumber(ARGV[3])
local answer, become, lines = 'deducted', 'held', {}
for i = 3, #KEYS do
  local quantity = ARGV[i + 1]
  if tonumber(redis.call('GET', KEYS[i]) or '0') < tonumber(quantity) then
    answer, become = 'refused', 'refused'
  end
  lines[#lines + 1] = KEYS[i] .. ' ' .. quantity .. '\n'
end
if answer == 'deducted' then
  for i = 3, #KEYS do redis.call('DECRBY', KEYS[i], ARGV[i + 1]) end
  redis.call('ZADD', holds, due, number)
end
redis.call('HSET', order, 'fp', fingerprint, 'gen', 1, 'state', become,
           'lines', table.concat(lines), 'due', due)
return answer
