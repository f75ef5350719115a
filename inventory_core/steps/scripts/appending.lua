-- Carry out another script (`decided`), and append to a stream in the same step what it has changed.
-- KEYS: those of the other script, stream.   ARGV: those of the other script, what, body
-- An entry says how it stands after: an order's state and generation, or a line of the journal.
local keys, arguments = {}, {}
for i = 1, #KEYS - 1 do keys[i] = KEYS[i] end
for i = 1, #ARGV - 2 do arguments[i] = ARGV[i] end
local stream, what, body = KEYS[#KEYS], ARGV[#ARGV - 1], ARGV[#ARGV]
local entry = string.match(what, '^entry (.*)$')
local function stands()
  if entry then return redis.call('HGET', KEYS[1], entry) or '' end
  local hold = redis.call('HMGET', KEYS[1], 'state', 'gen')
  return hold[1] and hold[1] .. ' ' .. hold[2] or ''
end
local before = stands()
local answer = decided(keys, arguments)
local after = stands()
if after == before then return answer end
if body ~= '' then redis.call('HSET', KEYS[1], 'body', body) end
if body == '' and not entry then body = redis.call('HGET', KEYS[1], 'body') or '' end
if redis.call('EXISTS', stream) == 0 then
  redis.call('XGROUP', 'CREATE', stream, 'writers', '0', 'MKSTREAM')
end
redis.call('XADD', stream, '*', 'what', what, 'stands', after, 'body', body)
return answer
