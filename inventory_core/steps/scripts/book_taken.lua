-- Book an order whose units were taken one by one, or refuse it and give them back.
-- KEYS: order, claim, takings, marks, holds, one cell a take.
-- ARGV: number, token, fingerprint, hold ms, held or refused, quantities
local order, holds, number, token, become = KEYS[1], KEYS[5], ARGV[1], ARGV[2], ARGV[5]
local entry = redis.call('HMGET', order, 'fp', 'state')
local replays = { held = 'replayed', paid = 'replayed', shipped = 'replayed', refused = 'refused',
                  rolled_back = 'already_rolled_back', tombstone = 'already_rolled_back',
                  expired = 'already_expired' }
local answer
if entry[2] then
  answer = replays[entry[2]]
  if entry[1] ~= '' and entry[1] ~= ARGV[3] then answer = 'mismatched' end
elseif redis.call('GET', KEYS[2]) ~= token then
  answer = 'contended' -- a recovery has given these units back
end
local marks, lines = redis.call('HGETALL', KEYS[4]), {}
for i = 1, #marks, 2 do
  if answer or become == 'refused' then redis.call('INCRBY', marks[i], marks[i + 1]) end
  lines[#lines + 1] = marks[i] .. ' ' .. marks[i + 1] .. '\n'
end
redis.call('DEL', KEYS[4])
redis.call('ZREM', KEYS[3], number .. '\n' .. token)
if redis.call('GET', KEYS[2]) == token then redis.call('DEL', KEYS[2]) end
if answer then return answer end
local now = redis.call('TIME')
local due = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) + tonumber(ARGV[4])
if become == 'held' then
  redis.call('ZADD', holds, due, number)
else -- nothing is its own, so what it asked for is remembered
  lines = {}
  for i = 6, #KEYS do lines[#lines + 1] = KEYS[i] .. ' ' .. ARGV[i] .. '\n' end
end
table.sort(lines)
redis.call('HSET', order, 'fp', ARGV[3], 'gen', 1, 'state', become,
           'lines', table.concat(lines), 'due', due)
return become == 'held' and 'deducted' or 'refused'
