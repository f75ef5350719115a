-- Entries of a stream for a writer: first those that a writer has had for too long, then new ones.
-- KEYS: stream.   ARGV: too long (ms), how many at most, where to begin with those that are late
-- Answers where to go on (0-0: all were looked at), then id, what, how it stands and body of each.
if redis.call('EXISTS', KEYS[1]) == 0 then return { '0-0' } end
local most, answer = tonumber(ARGV[2]), {}
local function add(entries)
  for _, entry in ipairs(entries) do
    local fields = entry[2]
    for _, value in ipairs({ entry[1], fields[2], fields[4], fields[6] }) do
      answer[#answer + 1] = value
    end
  end
  return #entries
end
local late = redis.call('XAUTOCLAIM', KEYS[1], 'writers', 'writer', ARGV[1], ARGV[3],
                        'COUNT', most)
answer[1] = late[1]
local rest = most - add(late[2])
if rest > 0 then
  local new = redis.call('XREADGROUP', 'GROUP', 'writers', 'writer', 'COUNT', rest,
                         'STREAMS', KEYS[1], '>')
  if new then add(new[1][2]) end
end
return answer
