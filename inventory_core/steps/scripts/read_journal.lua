-- Every journal entry that is not an opening, as key, delta, cell.
-- KEYS: journal
local found = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 8) ~= 'opening:' then
    local delta, cell = string.match(all[i + 1], '^(%S+) (.*)$')
    found[#found + 1] = all[i]
    found[#found + 1] = delta
    found[#found + 1] = cell
  end
end
return found
