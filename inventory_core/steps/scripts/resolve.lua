-- Roll back, expire, pay or ship a hold by its number.
-- KEYS: order, holds.   ARGV: number, verb
local order, holds, number, verb = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local entry = redis.call('HMGET', order, 'state', 'gen', 'lines', 'due')
local state = entry[1]
local resolved = { paid = 'already_paid', shipped = 'already_shipped', refused = 'already_refused',
                   rolled_back = 'already_rolled_back', tombstone = 'already_rolled_back',
                   expired = 'already_expired' }
local function each_line(act)
  for cell, quantity in string.gmatch(entry[3], '(.-) (%d+)\n') do act(cell, tonumber(quantity)) end
end
local function give_back() each_line(function(cell, n) redis.call('INCRBY', cell, n) end) end
local function become(new)
  redis.call('HSET', order, 'state', new)
  redis.call('ZREM', holds, number)
end

if not state then
  if verb ~= 'roll_back' then return 'not_found' end
  redis.call('HSET', order, 'fp', '', 'gen', 1, 'state', 'tombstone', 'lines', '', 'due', 0)
  return 'tombstoned'
end
if verb == 'roll_back' then
  if state ~= 'held' and state ~= 'paid' then return resolved[state] end
  give_back()
  become('rolled_back')
  return state == 'paid' and 'refunded' or 'rolled_back'
elseif verb == 'expire' then
  if state ~= 'held' then return resolved[state] end
  local now = redis.call('TIME')
  if tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) < tonumber(entry[4]) then
    return 'not_due'
  end
  give_back()
  become('expired')
  return 'expired'
elseif verb == 'pay' then
  if state == 'held' then become('paid') return 'paid' end
  if state ~= 'expired' then return resolved[state] end
  local enough = true
  each_line(function(cell, n)
    if tonumber(redis.call('GET', cell) or '0') < n then enough = false end
  end)
  if not enough then return 'refunded' end
  each_line(function(cell, n) redis.call('DECRBY', cell, n) end)
  redis.call('HINCRBY', order, 'gen', 1)
  become('paid')
  return 'paid_late'
else
  if state == 'held' then return 'not_paid' end
  if state ~= 'paid' then return resolved[state] end
  become('shipped')
  return 'shipped'
end
