-- Give back what deliveries have taken and not booked; those that still go on will notice.
-- KEYS: takings, marks and claim of nobody.   ARGV: how many at most
local listed = redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1)
for _, who in ipairs(listed) do
  local number, token = string.match(who, '^(.-)\n(.*)$')
  local marks, claim = KEYS[2] .. number .. '\n' .. token, KEYS[3] .. number
  local taken = redis.call('HGETALL', marks)
  for i = 1, #taken, 2 do redis.call('INCRBY', taken[i], taken[i + 1]) end
  redis.call('DEL', marks)
  redis.call('ZREM', KEYS[1], who)
  if redis.call('GET', claim) == token then redis.call('DEL', claim) end
end
return #listed
